//! A planner tries something in a branch, and merges it although the plan has moved on.

use crate::driver::{Browser, CTRL, Cell, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

impl Browser {
    async fn enter(&self, cell: &Cell, typed: &str, shown: &str) {
        self.until_cells().await;
        self.click(cell).await;
        self.type_text(typed).await;
        self.press(&[ENTER]).await;
        self.until_text(cell, shown).await;
        self.until_mark("Saved").await;
    }
}

#[tokio::test]
async fn a_planner_branches_edits_and_merges_with_a_conflict() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    let [first, second] = &dana.two_overrides().await;
    let before = dana.text(second).await.unwrap();

    // A branch is made from the plan as it is, and says on every sheet that it is one.
    let open =
        "if (!document.querySelector('.sidepanel')) document.querySelector('[aria-label=\"Side panel\"]').click();
        return document.querySelector('.sidepanel') !== null";
    dana.until("the side panel", open, vec![]).await;
    dana.press_words(".panel-tabs [role=tab]", "Versions").await;
    dana.press_words(".branches button", "New branch").await;
    dana.until("the dialog", "return document.activeElement?.name === 'branch'", vec![]).await;
    dana.type_text("What if").await;
    dana.press_words("dialog[open] button", "Make branch").await;
    dana.until_said("[data-testid=branch-strip]", "What if").await;
    let branch = dana.read("return location.pathname", vec![]).await.as_str().unwrap().to_owned();
    assert_ne!(branch, "/w/demo");
    dana.enter(first, "4321", "4,321").await;
    dana.enter(second, "5432", "5,432").await;
    dana.until_said("[data-testid=branch-changes]", "2 changes").await;

    // The plan knows nothing of it, and moves on.
    dana.press_words("[data-testid=branch-strip] a", "Go to live").await;
    dana.until(
        "the plan",
        "return location.pathname === '/w/demo' && !document.querySelector('.branch-strip')",
        vec![],
    )
    .await;
    dana.until_cells().await;
    dana.until_text(second, &before).await;
    dana.enter(first, "1111", "1,111").await;

    // Back to the branch, and merge from there: one is asked about what both sides changed.
    dana.open(&branch).await;
    dana.until_said("[data-testid=branch-changes]", "2 changes, 1 conflict").await;
    dana.press_words("[data-testid=branch-strip] button", "Merge").await;
    dana.until_said("dialog[open] .is-conflict", "Changed on both sides").await;
    dana.until_said("dialog[open] [data-testid=merge-summary]", "1 of 2 taken · 1 conflict to decide").await;
    dana.press_words("dialog[open] .is-conflict .choice", "Take What if").await;
    dana.press_words("dialog[open] .actions button", "Merge").await;
    dana.until("the dialog to go", "return document.querySelector('dialog[open]') === null", vec![]).await;
    dana.until_text(first, "4,321").await;
    dana.until_text(second, "5,432").await;
    dana.until_mark("Saved").await;

    // One undo takes all of it back; merged again, nothing is left to merge.
    dana.click(first).await;
    dana.chord(&[CTRL], 'z').await;
    dana.until_text(first, "1,111").await;
    dana.until_text(second, &before).await;
    dana.chord(&[CTRL], 'y').await;
    dana.until_text(first, "4,321").await;
    dana.until_mark("Saved").await;
    dana.open(&branch).await;
    dana.until_said("[data-testid=branch-changes]", "No difference").await;
}
