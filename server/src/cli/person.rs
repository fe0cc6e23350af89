//! `equipoise person`.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use grid_engine::wire::Role;

use super::Refused;
use crate::store::{NewPerson, Store};

/// Adds someone who may sign in, or changes who exists; the password is read from standard input.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// What the person signs in with.
    #[arg(long)]
    user: String,
    /// The name others see.
    #[arg(long)]
    name: String,
    /// What the person does, in words.
    #[arg(long, default_value = "")]
    title: String,
    /// admin, sales, demand, supply, finance, executive or viewer.
    #[arg(long, value_parser = role)]
    role: Role,
    /// A region a sales planner writes; may be given several times.
    #[arg(long)]
    scope: Vec<String>,
    /// CSS colour of the cursor.
    #[arg(long, default_value = "#0f766e")]
    colour: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let one = |error: String| vec![error];
    // Asked on stderr, so that scripts can pipe the password in and read what is printed.
    let _ = write!(std::io::stderr(), "Password for {}: ", args.user);
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(|error| one(error.to_string()))?;
    let store = Store::open(&args.data).map_err(|error| one(error.to_string()))?;
    let person = NewPerson {
        user: args.user.clone(),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        name: args.name.clone(),
        title: args.title.clone(),
        role: args.role,
        scope: args.scope.clone(),
        colour: args.colour.clone(),
        demo_password_shown: false,
    };
    store.put_person(person).map_err(|error| one(error.to_string()))?;
    println!("{} may sign in", args.user);
    Ok(())
}

fn role(text: &str) -> Result<Role, String> {
    serde_json::from_value(text.into())
        .map_err(|_| "admin, sales, demand, supply, finance, executive or viewer".to_owned())
}
