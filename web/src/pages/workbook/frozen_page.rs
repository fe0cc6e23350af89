//! The page of a frozen version: the grid, read-only.

use std::rc::Rc;

use grid_engine::doc::SheetInfo;
use grid_engine::plan::VersionInfo;
use grid_engine::refs::{Id, SheetId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::{Place, TopBar};
use super::covers::{OpeningState, empty_sheet};
use super::status::StatusBar;
use super::toolbar::Toolbar;
use super::turning::{open_first, sheet_label, turn};
use super::which_plan::{ShareButton, plan_menu};
use crate::api;
use crate::grid::{FormulaBar, Grid, GridView};
use crate::pages::keys::KeyboardHelp;
use crate::parts::later;
use crate::state::{FrozenSource, NoticeBoard, Opening, SheetSource};
use crate::ui::{Notice, Tone};

/// A frozen version, read-only.
#[component]
pub(super) fn FrozenPage(workbook: SheetId, version: Id) -> impl IntoView {
    let notices = NoticeBoard::current();
    let source = FrozenSource::new("This version");
    let grid = Grid::new(Rc::new(source.clone()), None, notices);
    let source = StoredValue::new_local(source);
    let sheets = RwSignal::new(Vec::<SheetInfo>::new());
    let info = RwSignal::new(None::<VersionInfo>);
    let title = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<String>);
    let loading = RwSignal::new(true);
    let arriving = StoredValue::new(true);

    spawn_local(async move {
        if let Ok(list) = api::workbooks().await {
            let name = list.into_iter().find(|known| known.id == workbook).map(|known| known.title);
            title.try_set(name.unwrap_or_default());
        }
        match api::versions(workbook).await {
            Ok(list) => {
                let found = list.into_iter().find(|known| known.id == version);
                if let Some(found) = &found {
                    source.try_with_value(|source| source.set_name(&found.name));
                }
                info.try_set(found);
            }
            Err(refusal) => {
                failed.try_set(Some(refusal.message));
            }
        }
        match api::version_sheets(workbook, version).await {
            Ok(list) => {
                source.try_with_value(|source| source.set_sheets(list));
                sheets.try_set(source.try_with_value(SheetSource::sheets).unwrap_or_default());
                open_first(grid, sheets);
            }
            Err(refusal) => {
                failed.try_set(Some(refusal.message));
            }
        }
    });
    // A sheet is fetched when it is first looked at.
    Effect::new(move || {
        let Some(sheet) = grid.sheet.get() else { return };
        if source.try_with_value(|source| source.has(sheet)) != Some(false) {
            return;
        }
        loading.set(true);
        spawn_local(async move {
            match api::version_sheet(workbook, version, sheet).await {
                Ok(frame) => {
                    source.try_with_value(|source| source.put(frame));
                    grid.restructured();
                    if arriving.try_update_value(std::mem::take) == Some(true) {
                        grid.follow_link();
                    }
                    grid.focus();
                }
                Err(refusal) => {
                    failed.try_set(Some(refusal.message));
                }
            }
            loading.try_set(false);
        });
    });
    let name = move || {
        info.with(|info| info.as_ref().map(|info| info.name.clone()).unwrap_or_else(|| "Frozen version".to_owned()))
    };
    let frozen_by = move || {
        info.with(|info| {
            info.as_ref().map(|info| format!("frozen by {} on {}", info.by_name, crate::ui::moment(info.made_at())))
        })
    };
    view! {
        <div class="shell workbook frozen" data-opening=move || if loading.get() { "loading" } else { "open" }>
            <TopBar workbook title=Signal::derive(move || title.get()) place=Place::Workbook>
                {later(plan_menu, (workbook, Some(version)))}
                <ShareButton grid />
                <span class="save-state frozen" data-testid="saved">"Read-only"</span>
            </TopBar>
            <FormulaBar grid />
            <div class="workarea">
                <div class="gridarea">
                    <div class="frozen-strip" role="status">
                        <strong>{name}</strong>
                        <span class="muted">{frozen_by}</span>
                        <span class="spacer"></span>
                        <a href=format!("/w/{workbook}/consensus?version={version}")>"Read as a page"</a>
                        <a href=format!("/w/{workbook}/compare?a={version}&b=live")>"Compare with live"</a>
                    </div>
                    <Toolbar grid session=None />
                    <div class="canvas-host">
                        <GridView grid label=sheet_label(grid, sheets) next_sheet=turn(grid, sheets) />
                        {move || match failed.get() {
                            Some(message) => Some(view! { <div class="grid-cover"><Notice tone=Tone::Bad>{message}</Notice></div> }.into_any()),
                            None if loading.get() => Some(view! { <OpeningState opening=Opening::Connecting /> }.into_any()),
                            None => empty_sheet(grid),
                        }}
                    </div>
                </div>
            </div>
            <StatusBar grid sheets session=None />
            {super::regions::follow_f6(grid)}
            <KeyboardHelp open=grid.help />
        </div>
    }
}
