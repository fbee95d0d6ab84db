//! Without any fault: the exact order of all that user code does, the same on every store.

use fantasm_tests::Crash;

use crate::world::World;

#[tokio::test]
async fn phases_run_in_their_order_in_memory() {
    check(World::memory()).await;
}

#[tokio::test]
async fn phases_run_in_their_order_on_sqlite() {
    check(World::sqlite().await).await;
}

#[tokio::test]
async fn phases_run_in_their_order_on_postgres() {
    check(World::postgres().await).await;
}

async fn check(world: World) {
    world.live(Crash::Never).await.unwrap();
    world.check().await;
    assert_eq!(world.ledger.trace().join("\n"), ORDER.trim());
    let instance = world.survey().await.inspect().await.unwrap();
    assert_eq!(instance.context, r#"{"account":1,"badge":1,"part":1,"gathered":8}"#);
}

/// Tasks run in the order in which they were made; a page's task is made before the page before it is worked on. What the
/// numbers are: account, badge, part.
const ORDER: &str = "
Begin.entry 0.0.0
Begin.action 0.0.0
Begin.exit 0.0.0
begun 0.0.0
Open.entry 0.0.0
Open.action 0.0.0
Accounts.entry 0.0.0
Accounts.page 1
Accounts.action 1.0.0
Accounts.entry 0.0.0
Accounts.page 2
Accounts.action 2.0.0
Badges.entry 1.0.0
Badges.page 1
Badges.action 1.1.1
Accounts.entry 0.0.0
Accounts.page 3
Badges.entry 2.0.0
Badges.page 1
Badges.action 2.1.1
Badges.entry 1.0.0
Badges.page 2
Badges.action 1.2.1
Count.entry 1.1.1
Count.action 1.1.1
Count.entry 1.1.2
Count.action 1.1.2
Badges.entry 2.0.0
Badges.page 2
Badges.action 2.2.1
Count.entry 2.1.1
Count.action 2.1.1
Count.entry 2.1.2
Count.action 2.1.2
Count.entry 1.2.1
Count.action 1.2.1
Count.entry 1.2.2
Count.action 1.2.2
Count.exit 1.1.1
counted 1.1.1
Pack.entry 1.1.1
Pack.action 1.1.1
Count.exit 1.1.2
counted 1.1.2
Pack.entry 1.1.2
Pack.action 1.1.2
Count.entry 2.2.1
Count.action 2.2.1
Count.entry 2.2.2
Count.action 2.2.2
Count.exit 2.1.1
counted 2.1.1
Pack.entry 2.1.1
Pack.action 2.1.1
Count.exit 2.1.2
counted 2.1.2
Pack.entry 2.1.2
Pack.action 2.1.2
Count.exit 1.2.1
counted 1.2.1
Pack.entry 1.2.1
Pack.action 1.2.1
Count.exit 1.2.2
counted 1.2.2
Pack.entry 1.2.2
Pack.action 1.2.2
Count.exit 2.2.1
counted 2.2.1
Pack.entry 2.2.1
Pack.action 2.2.1
Count.exit 2.2.2
counted 2.2.2
Pack.entry 2.2.2
Pack.action 2.2.2
Total.entry 1.1.1 1.1.2 2.1.1 2.1.2 1.2.1 1.2.2 2.2.1 2.2.2
Total.action 1.1.1 1.1.2 2.1.1 2.1.2 1.2.1 1.2.2 2.2.1 2.2.2
Report.entry 1.1.1
Report.action 1.1.1
Report.exit 1.1.1
";
