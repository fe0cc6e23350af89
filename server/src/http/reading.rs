//! A version to read: frozen, a branch, or the live plan, each by the same questions.

use std::time::{Duration, Instant};

use grid_engine::doc::SheetInfo;
use grid_engine::plan::{
    self, Axis, BranchInfo, PlanSummary, SHEETS, SUMMARY, VersionInfo, VersionKind, sheet_part, summarise,
};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::SheetFrame;
use serde::de::DeserializeOwned;

use super::branches::home_of;
use super::status::Problem;
use super::workbooks::workbook_id;
use crate::app::App;
use crate::auth::Session;
use crate::clock::now_ms;
use crate::store::WorkbookId;
use crate::sync::LiveWorkbook;

/// After a start, the live plan is read once its first forecasts and solves are in, or after this long as it is.
const FIRST_ANSWERS: Duration = Duration::from_secs(5);
/// Before the id of a branch, where a version is asked for.
const BRANCH: &str = "branch.";

/// A version to read: frozen, or the live plan.
pub(super) struct Version {
    workbook: WorkbookId,
    /// What it is called.
    pub name: String,
    kind: VersionKind,
    /// The id of a frozen one.
    pub frozen: Option<Id>,
    /// The workbook whose versions and branches this is one of.
    home: WorkbookId,
    /// Until when it holds what is entered there, in milliseconds since 1970.
    until: i64,
}

impl Version {
    /// The version of an address, `branch.` and an id for a branch; `live` takes the right to see the live plan.
    pub(super) fn find(app: &App, session: &Session, workbook: &str, version: &str) -> Result<Self, Problem> {
        let workbook = workbook_id(workbook)?;
        if version == "live" {
            if !session.me.may_read_live {
                return Err(Problem::Forbidden("see the live plan"));
            }
            return Ok(match app.store.branch(workbook)? {
                Some(branch) => Self { name: "Live".to_owned(), ..Self::of_branch(app, branch)? },
                None => Self {
                    workbook,
                    name: "Live".to_owned(),
                    kind: VersionKind::Consensus,
                    frozen: None,
                    home: workbook,
                    until: now_ms(),
                },
            });
        }
        let workbook = home_of(app, workbook)?;
        if let Some(branch) = version.strip_prefix(BRANCH) {
            let branch = app.store.branch(workbook_id(branch)?)?.filter(|branch| branch.home == workbook);
            let branch = branch.ok_or_else(|| Problem::NotFound(format!("version {version:?}")))?;
            if !session.me.may_read_live {
                return Err(Problem::Forbidden("see branches"));
            }
            return Self::of_branch(app, branch);
        }
        let none = || Problem::NotFound(format!("version {version:?}"));
        let id: Id = version.parse().map_err(|_| none())?;
        let found = app.store.versions(workbook)?.into_iter().find(|info| info.id == id).ok_or_else(none)?;
        let VersionInfo { name, kind, at, .. } = found;
        Ok(Self { workbook, name, kind, frozen: Some(id), home: workbook, until: at })
    }

    fn of_branch(app: &App, branch: BranchInfo) -> Result<Self, Problem> {
        let frozen = match branch.version {
            Some(id) => app.store.versions(branch.home)?.into_iter().find(|info| info.id == id),
            None => None,
        };
        let until = frozen.map_or(branch.at, |info| info.at);
        let BranchInfo { id, name, home, .. } = branch;
        Ok(Self { workbook: id, name, kind: VersionKind::Consensus, frozen: None, home, until })
    }

    /// The logs that hold what was entered between this version and another, and from when until when in each: what
    /// was entered on a branch stands in the branch's own.
    pub(super) fn logs_until(&self, other: &Self) -> Vec<(WorkbookId, (i64, i64))> {
        let mut logs = vec![(self.home, (self.until.min(other.until), self.until.max(other.until)))];
        let branches = [self.workbook, other.workbook].into_iter().filter(|workbook| *workbook != self.home);
        logs.extend(branches.map(|branch| (branch, (0, i64::MAX))));
        logs.dedup();
        logs
    }

    pub(super) async fn summary(&self, app: &App) -> Result<PlanSummary, Problem> {
        if let Some(id) = self.frozen {
            return self.part(app, id, SUMMARY);
        }
        let live = self.live(app).await?;
        let (frames, title, currency) = live
            .ask(|replica| (plan::frames(&replica.workbook), replica.title.clone(), replica.currency.clone()))
            .await?;
        tokio::task::spawn_blocking(move || summarise(&frames, &title, &currency))
            .await
            .map_err(|error| Problem::Invalid(error.to_string()))
    }

    async fn live(&self, app: &App) -> Result<LiveWorkbook, Problem> {
        let live = app.hub.workbook(self.workbook).await?;
        let until = Instant::now() + FIRST_ANSWERS;
        while Instant::now() < until && !live.ask(|replica| replica.has_answers).await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(live)
    }

    /// Whether a version of this kind is read for that side of the plan.
    pub(super) fn gives(&self, axis: plan::Axis) -> bool {
        self.kind.gives(axis)
    }

    pub(super) async fn sheets(&self, app: &App) -> Result<Vec<SheetInfo>, Problem> {
        if let Some(id) = self.frozen {
            return self.part(app, id, SHEETS);
        }
        let live = app.hub.workbook(self.workbook).await?;
        Ok(live.ask(|replica| replica.workbook.mirror().sheets().to_vec()).await?)
    }

    pub(super) async fn sheet(&self, app: &App, sheet: SheetId) -> Result<SheetFrame, Problem> {
        if let Some(id) = self.frozen {
            return self.part(app, id, &sheet_part(sheet));
        }
        let live = self.live(app).await?;
        let frame = live.ask(move |replica| plan::frame(&replica.workbook, sheet)).await?;
        frame.ok_or_else(|| Problem::NotFound(format!("sheet {sheet}")))
    }

    pub(super) async fn sheet_of_role(&self, app: &App, role: &str) -> Result<SheetFrame, Problem> {
        let sheets = self.sheets(app).await?;
        let found = sheets.iter().find(|info| info.role == role).map(|info| info.id);
        self.sheet(app, found.ok_or_else(|| self.has_no_sheet(role))?).await
    }

    fn has_no_sheet(&self, role: &str) -> Problem {
        let side = match self.kind.axis() {
            None => return Problem::NotFound(format!("{role} sheet in {}", self.name)),
            Some(Axis::Demand) => "demand",
            Some(Axis::Supply) => "supply",
            Some(Axis::Cost) => "prices and costs",
        };
        Problem::Invalid(format!(
            "{:?} was frozen for its {side} and has no {role} sheet: choose a whole plan, or calculate a scenario with it.",
            self.name
        ))
    }

    pub(super) fn bytes(&self, app: &App, id: Id, part: &str) -> Result<Vec<u8>, Problem> {
        let bytes = app.store.version_part(self.workbook, id, part)?;
        bytes.ok_or_else(|| Problem::NotFound(format!("part {part} in version {id}")))
    }

    fn part<T: DeserializeOwned>(&self, app: &App, id: Id, part: &str) -> Result<T, Problem> {
        let bytes = self.bytes(app, id, part)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| crate::store::StoreError::Corrupt(format!("part {part} of version {id}: {error}")).into())
    }
}
