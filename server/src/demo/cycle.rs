//! The month's cycle of the demo company: who answers for what, and what is on the table.

use grid_engine::plan::{Action, Cycle, Decision};

/// Fills in a month that nobody has planned yet.
pub fn plan_cycle(cycle: &mut Cycle) {
    let owners = ["Dana Okafor", "Dana Okafor", "Marek Nowak", "Fiona Grant", "Dana Okafor", "Elena Rossi"];
    for (step, owner) in cycle.steps.iter_mut().zip(owners) {
        step.owner = owner.to_owned();
    }
    let last = cycle.steps.last().map(|step| step.due.clone()).unwrap_or_default();
    cycle.agenda =
        "1. What has changed since last month, and why\n2. Plan against actual\n3. Capacity and materials: what \
        stands in the way\n4. Decisions"
            .to_owned();
    cycle.decisions = vec![Decision {
        what: "How to cover the summer peak of still water".to_owned(),
        options: "Build stock from April on\nA third shift in June and July\nLeave the peak short in foodservice"
            .to_owned(),
        owner: "Marek Nowak".to_owned(),
        due: last.clone(),
        escalation: "Elena Rossi".to_owned(),
        actions: vec![Action {
            what: "Price the three alternatives on branches".to_owned(),
            owner: "Fiona Grant".to_owned(),
            due: last,
            done: String::new(),
        }],
        chosen: String::new(),
    }];
}
