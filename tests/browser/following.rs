//! Pages for reading follow what others decide while they stand open.

use crate::driver::Driver;
use crate::{TURN, demo_company};
use equipoise_tests::serve;

#[tokio::test]
async fn whoever_has_the_consensus_open_sees_the_one_that_takes_its_place() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let elena = driver.sign_in(&address, "elena").await;
    elena.open("/w/demo/consensus").await;
    elena.until_said("main h1", "Consensus").await;
    // She may not read the live plan, so she has no connection that would tell her.
    let admin = driver.sign_in(&address, "admin").await;
    let mark = "return (async () => {
        const versions = await (await fetch('/api/workbooks/demo/versions')).json();
        const proposal = versions.find(version => version.name.startsWith('Proposal'));
        const path = `/api/workbooks/demo/versions/${proposal.id}/consensus`;
        return (await fetch(path, { method: 'POST', headers: { 'x-equipoise': '1' } })).status;
    })()";
    assert_eq!(admin.read(mark, vec![]).await, 200);
    elena.until_said("main h1", "Proposal").await;
    elena.until_said("[data-testid=brief]", "profit").await;
}
