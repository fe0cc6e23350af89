//! Who works at the demo company.

use grid_engine::wire::Role;

/// Someone to sign in as.
pub struct Person {
    pub user: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub role: Role,
    pub scope: &'static [&'static str],
    pub colour: &'static str,
}

/// Everyone's password: the demo is for looking around on one's own machine.
pub const PASSWORD: &str = "equipoise";

pub const PEOPLE: [Person; 10] = [
    person("dana", "Dana Okafor", "Demand planner", Role::Demand, &[], "#7c3aed"),
    person("jonas", "Jonas Weber", "Sales planner, DACH", Role::Sales, &["DACH"], "#0f766e"),
    person("claire", "Claire Martin", "Sales planner, France", Role::Sales, &["France"], "#b45309"),
    person("ines", "Inês Duarte", "Sales planner, Iberia", Role::Sales, &["Iberia"], "#be123c"),
    person("astrid", "Astrid Holm", "Sales planner, Nordics", Role::Sales, &["Nordics"], "#1d4ed8"),
    person("owen", "Owen Byrne", "Sales planner, UK & Ireland", Role::Sales, &["UK & Ireland"], "#4d7c0f"),
    person("marek", "Marek Nowak", "Supply planner", Role::Supply, &[], "#a21caf"),
    person("fiona", "Fiona Grant", "Finance", Role::Finance, &[], "#0369a1"),
    person("elena", "Elena Rossi", "Managing director", Role::Executive, &[], "#334155"),
    person("admin", "Ada Lind", "Administrator", Role::Admin, &[], "#525252"),
];

const fn person(
    user: &'static str,
    name: &'static str,
    title: &'static str,
    role: Role,
    scope: &'static [&'static str],
    colour: &'static str,
) -> Person {
    Person { user, name, title, role, scope, colour }
}
