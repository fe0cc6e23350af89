//! The comments of the live workbook: read when somebody has spoken, marked on the cells, shown in the side panel.

use std::collections::BTreeSet;

use grid_engine::refs::CellRef;
use grid_engine::wire::CommentsPage;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::grid::Grid;
use crate::panels::{CommentsPanel, Reading};
use crate::state::{LiveSource, Opening, Session, SheetSource, Talk};

/// What is said in the workbook.
#[derive(Clone, Copy)]
pub struct Comments {
    reading: RwSignal<Reading>,
    /// What is written of a new one.
    draft: RwSignal<String>,
}

/// Follows what is said as long as the workbook is open; `panel` turns to the comments when somebody asks for them.
pub fn follow_comments(session: Session, grid: Grid, panel: RwSignal<Option<String>>) -> Comments {
    let talk = Talk::current();
    let comments = Comments { reading: RwSignal::new(Reading::OnTheWay), draft: RwSignal::new(String::new()) };
    let is_open = Memo::new(move |_| session.opening.get() == Opening::Open);
    Effect::new(move || {
        session.comments.track();
        talk.news.update(|count| *count += 1);
        if !is_open.get() {
            return;
        }
        spawn_local(async move {
            match api::comments(session.workbook).await {
                Ok(page) => {
                    session.mark_commented(open_cells(&page));
                    comments.reading.try_set(Reading::Here(page));
                    grid.redraw();
                }
                Err(refusal) => drop(comments.reading.try_set(Reading::Failed(refusal.message))),
            }
        });
    });
    Effect::new(move || {
        if grid.commenting.with(Option::is_some) {
            panel.set(Some("comments".to_owned()));
        }
    });
    Effect::new(move || {
        if talk.asked.get().is_some_and(|(workbook, _)| workbook == session.workbook) {
            panel.set(Some("comments".to_owned()));
        }
    });
    comments
}

/// The cells people still speak of.
fn open_cells(page: &CommentsPage) -> BTreeSet<CellRef> {
    page.threads.iter().filter(|thread| thread.resolved.is_none()).map(|thread| thread.cell).collect()
}

/// The panel of comments beside a grid.
pub fn comments_panel(comments: Comments, session: Session, grid: Grid) -> AnyView {
    let talk = Talk::current();
    let asked = Signal::derive(move || {
        talk.asked.get().filter(|(workbook, _)| *workbook == session.workbook).map(|(_, thread)| thread)
    });
    let address = move |cell: CellRef| {
        session.structure.track();
        LiveSource::new(session).address(cell)
    };
    let on_go = move |cell: CellRef| {
        talk.asked.set(None);
        grid.go_to(cell);
    };
    // What was written in is gone then: the keyboard is the grid's again.
    let on_changed = move |()| {
        session.comments.update(|count| *count += 1);
        grid.focus();
    };
    Effect::new(move |began: Option<bool>| {
        let begins = grid.commenting.with(Option::is_some);
        if began == Some(true) && !begins {
            grid.focus();
        }
        begins
    });
    view! {
        <CommentsPanel
            workbook=session.workbook
            me=session.me
            reading=comments.reading
            selected=session.selected
            beginning=grid.commenting
            draft=comments.draft
            on_begin=move |()| grid.ask_comment()
            asked
            address
            on_go
            on_changed
        />
    }
    .into_any()
}
