//! A version to read: frozen, a branch, or the live plan, each by the same questions.

use std::time::{Duration, Instant};

use grid_engine::doc::SheetInfo;
use grid_engine::plan::{
    self, Axis, LogStretch, PlanSummary, REASONS, SHEETS, SUMMARY, ShortageLine, VersionKind, sheet_part, summarise,
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
use crate::lineage;
use crate::shortfall;
use crate::store::WorkbookId;
use crate::sync::{LiveWorkbook, Replica};

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
    /// The logs that hold what was entered in it.
    logs: Vec<LogStretch>,
}

impl Version {
    /// The version of an address, `branch.` and an id for a branch; `live` takes the right to see the live plan.
    pub(super) fn find(app: &App, session: &Session, workbook: &str, version: &str) -> Result<Self, Problem> {
        let workbook = workbook_id(workbook)?;
        if version == "live" {
            if !session.me.may_read_live {
                return Err(Problem::Forbidden("see the live plan"));
            }
            return Self::of_live(app, workbook, "Live".to_owned());
        }
        let workbook = home_of(app, workbook)?;
        if let Some(branch) = version.strip_prefix(BRANCH) {
            let branch = app.store.branch(workbook_id(branch)?)?.filter(|branch| branch.home == workbook);
            let branch = branch.ok_or_else(|| Problem::NotFound(format!("version {version:?}")))?;
            if !session.me.may_read_live {
                return Err(Problem::Forbidden("see branches"));
            }
            return Self::of_live(app, branch.id, branch.name);
        }
        let none = || Problem::NotFound(format!("version {version:?}"));
        let id: Id = version.parse().map_err(|_| none())?;
        let found = app.store.versions(workbook)?.into_iter().find(|info| info.id == id).ok_or_else(none)?;
        let logs = lineage::of_version(workbook, &found);
        Ok(Self { workbook, name: found.name, kind: found.kind, frozen: Some(id), logs })
    }

    /// The plan, or a branch of it, as it is now.
    fn of_live(app: &App, workbook: WorkbookId, name: String) -> Result<Self, Problem> {
        let logs = lineage::of_workbook(&app.store, workbook, now_ms())?;
        Ok(Self { workbook, name, kind: VersionKind::Consensus, frozen: None, logs })
    }

    /// The logs that hold what was entered between this version and another, and from when until when in each.
    pub(super) fn logs_until(&self, other: &Self) -> Vec<(WorkbookId, (i64, i64))> {
        lineage::between(&self.logs, &other.logs)
    }

    pub(super) async fn summary(&self, app: &App) -> Result<PlanSummary, Problem> {
        if let Some(id) = self.frozen {
            let frozen: PlanSummary = self.part(app, id, SUMMARY)?;
            let is_silent = self.kind.axis().is_some() && frozen.headline.revenue == Some(0.0);
            return if is_silent { self.told_anew(app, id, &frozen) } else { Ok(frozen) };
        }
        let live = self.live(app).await?;
        let (frames, unsolved, title, currency) = live
            .ask(|Replica { workbook, title, currency, .. }| {
                (plan::frames(workbook), workbook.unsolved(), title.clone(), currency.clone())
            })
            .await?;
        tokio::task::spawn_blocking(move || PlanSummary { unsolved, ..summarise(&frames, &title, &currency) })
            .await
            .map_err(|error| Problem::Invalid(error.to_string()))
    }

    /// The summary with the causes of all shortages, and these themselves.
    pub(super) async fn told(&self, app: &App) -> Result<(PlanSummary, Vec<ShortageLine>), Problem> {
        let summary = self.summary(app).await?;
        // What a version of one side has of another is there for its values alone.
        let lines = if summary.tells_service() { self.reasons(app).await? } else { Vec::new() };
        Ok((PlanSummary { causes: shortfall::by_cause(&lines), ..summary }, lines))
    }

    /// The summary as files have it: with every shortage, where the version knows them.
    pub(super) async fn in_full(&self, app: &App) -> Result<PlanSummary, Problem> {
        let (summary, lines) = self.told(app).await?;
        if lines.is_empty() {
            return Ok(summary);
        }
        Ok(PlanSummary { shortages: shortfall::shortages(&lines), ..summary })
    }

    /// What the sheets of a version tell: versions of one side had zeros for what they do not hold.
    fn told_anew(&self, app: &App, id: Id, frozen: &PlanSummary) -> Result<PlanSummary, Problem> {
        let sheets: Vec<SheetInfo> = self.part(app, id, SHEETS)?;
        let frames = sheets.iter().map(|info| self.part(app, id, &sheet_part(info.id)));
        Ok(summarise(&frames.collect::<Result<Vec<SheetFrame>, Problem>>()?, &frozen.workbook, &frozen.currency))
    }

    /// All shortages of its supply plan with their causes; none where it was frozen before these were kept.
    pub(super) async fn reasons(&self, app: &App) -> Result<Vec<ShortageLine>, Problem> {
        match self.frozen {
            Some(id) if app.store.version_part(self.workbook, id, REASONS)?.is_none() => Ok(Vec::new()),
            Some(id) => self.part(app, id, REASONS),
            None => {
                let found = self.live(app).await?.ask(|replica| plan::shortages(&replica.workbook)).await?;
                Ok(found.map(|(_, lines)| lines).unwrap_or_default())
            }
        }
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

    /// The sheet of a role, where it has one.
    pub(super) async fn sheet_of_role_if_any(&self, app: &App, role: &str) -> Result<Option<SheetFrame>, Problem> {
        let sheets = self.sheets(app).await?;
        match sheets.iter().find(|info| info.role == role) {
            Some(info) => Ok(Some(self.sheet(app, info.id).await?)),
            None => Ok(None),
        }
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
