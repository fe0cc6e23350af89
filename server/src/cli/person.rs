//! `equipoise person`.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use grid_engine::doc::MAKER;
use grid_engine::wire::{PutPerson, Role};

use super::Refused;
use crate::at_rest::opened;
use crate::store::{NewPerson, Store, person_id};
use crate::sync::ScopeNames;

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
    #[arg(long, required_unless_present = "disable")]
    name: Option<String>,
    /// What the person does, in words.
    #[arg(long, default_value = "")]
    title: String,
    /// admin, sales, demand, supply, finance, executive or viewer.
    #[arg(long, value_parser = role, required_unless_present = "disable")]
    role: Option<Role>,
    /// Confines what the person writes; may be given several times: a region (`North`), `sheet:demand`,
    /// `measure:override`, or the rows with a key's value (`channel=Retail`). `reads:North` also hides the other rows of
    /// sheets that are split into parts.
    #[arg(long)]
    scope: Vec<String>,
    /// Colour of the cursor, # and 3 or 6 hex digits.
    #[arg(long, default_value = "#0f766e")]
    colour: String,
    /// Ends the person's right to sign in instead; what they did stays. Open connections close within two seconds.
    #[arg(long, conflicts_with_all = ["name", "title", "role", "scope"])]
    disable: bool,
}

/// Whose doing it is in the edit log.
const CONSOLE: &str = "console";

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let one = |error: String| vec![error];
    let store = || Store::open(&args.data).map_err(|error| one(error.to_string()));
    let (Some(name), Some(role)) = (&args.name, args.role) else {
        let change = PutPerson { disabled: Some(true), ..PutPerson::default() };
        let changed = store()?.change_person(&args.user, change, person_id(CONSOLE));
        changed.map_err(|error| one(error.to_string()))?;
        println!("{} may not sign in any more", args.user);
        return Ok(());
    };
    check_scope(&store()?, &args.scope).map_err(one)?;
    // Asked on stderr, so that scripts can pipe the password in and read what is printed.
    let _ = write!(std::io::stderr(), "Password for {}: ", args.user);
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(|error| one(error.to_string()))?;
    let person = NewPerson {
        user: args.user.clone(),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        name: name.clone(),
        title: args.title.clone(),
        role,
        scope: args.scope.clone(),
        colour: args.colour.clone(),
        demo_password_shown: false,
    };
    store()?.put_person(person).map_err(|error| one(error.to_string()))?;
    println!("{} may sign in", args.user);
    Ok(())
}

/// Refuses what would confine to something that is in no workbook; before there is one, everything may be said.
fn check_scope(store: &Store, scope: &[String]) -> Result<(), String> {
    let workbooks = store.list_workbooks().map_err(|error| error.to_string())?;
    if scope.is_empty() || workbooks.is_empty() {
        return Ok(());
    }
    let mut known = ScopeNames::default();
    for info in workbooks {
        known.add(opened(store, info.id, MAKER)?.mirror());
    }
    scope.iter().find_map(|entry| known.objection(entry)).map_or(Ok(()), Err)
}

fn role(text: &str) -> Result<Role, String> {
    serde_json::from_value(text.into())
        .map_err(|_| "admin, sales, demand, supply, finance, executive or viewer".to_owned())
}
