use domain::{ErrorCode, identity::user::GlobalRole};
use service::{Ctx, testing::TestServices};

use crate::people::{email, new_user, password};

#[tokio::test(flavor = "multi_thread")]
async fn the_link_makes_one_superadmin() {
    let test = TestServices::start().await;
    let link = test.services.setup().link().await.unwrap().expect("a link while nobody is superadmin");
    let token = link.strip_prefix("http://127.0.0.1:8080/setup?token=").unwrap().to_owned();
    assert_eq!(test.another_node().await.setup().link().await.unwrap().as_ref(), Some(&link));
    let anonymous = Ctx::anonymous();
    let wrong = test.services.setup().complete(&anonymous, "wrong", new_user("root@example.com")).await;
    assert_eq!(wrong.unwrap_err().code(), ErrorCode::BadCredentials);

    let attempts = (0..4).map(|i| {
        let (services, token) = (test.services.clone(), token.clone());
        tokio::spawn(async move {
            let new = new_user(&format!("root{i}@example.com"));
            services.setup().complete(&Ctx::anonymous(), &token, new).await
        })
    });
    let mut made = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(user) => made.push(user),
            Err(error) => assert_eq!(error.code(), ErrorCode::BadCredentials),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].role, GlobalRole::Superadmin);
    assert_eq!(test.services.setup().link().await.unwrap(), None);
    assert!(!test.services.setup().accepts(&token).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_from_the_command_line_closes_it() {
    let test = TestServices::start().await;
    let link = test.services.setup().link().await.unwrap().unwrap();
    let token = link.rsplit('=').next().unwrap();
    let users = test.services.users();
    users
        .create_superadmin(&Ctx::operator(), email("root@example.com"), password("four unrelated plain words"), None)
        .await
        .unwrap();
    assert_eq!(test.services.setup().link().await.unwrap(), None);
    let late = test.services.setup().complete(&Ctx::anonymous(), token, new_user("evil@example.com")).await;
    assert_eq!(late.unwrap_err().code(), ErrorCode::BadCredentials);
}
