//! What a form's file may ask for: hidden and later fields, patterns, countries, topics, pages, thanks, and the script.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::TraitValue;
use domain::campaign::{Form, Thanks};
use domain::form::SCRIPT_ROOM;
use http::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use support::*;

const FORM: &str = "/f/guide-solaire";
const VALID: &str = "email=ada%40example.org&housing=house";
const SCRIPT: &str = "/f/guide-solaire/embed.js";

/// The form with more fields, and with more of everything.
fn asking(fields: Value, change: impl FnOnce(&mut Form)) -> World {
    let mut world = world();
    let form = world.app.bundle.campaigns.get_mut(&campaign("guide-solaire")).unwrap().form.as_mut().unwrap();
    for field in fields.as_array().unwrap() {
        let mut whole = json!({ "required": false, "label": {} });
        whole.as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        form.fields.push(serde_json::from_value(whole).unwrap());
    }
    change(form);
    world
}

/// The only fault of a post, as `field code: message`.
async fn fault(world: &World, body: &str) -> String {
    let response = world.form(with(post(FORM, body), &[("accept", "application/json")])).await;
    if response.status() == StatusCode::OK {
        return String::new();
    }
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let errors = json_of(&response)["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 1, "{errors:?}");
    format!("{} {}: {}", errors[0]["field"], errors[0]["code"], errors[0]["message"]).replace('"', "")
}

#[rstest]
#[case::right("code=AB12", "")]
#[case::left_empty("code=", "")]
#[case::too_short("code=A1", "code too_short: Quatre signes, voyons.")]
#[case::too_long("code=ABCDEFG", "code too_long: Quatre signes, voyons.")]
#[case::of_another_look("code=ab12", "code no_match: Quatre signes, voyons.")]
#[case::twice(
    "code=AB12&code=AB13",
    "code ambiguous: Ce champ est arrivé deux fois, avec deux valeurs différentes."
)]
#[case::a_country("country=be", "")]
#[case::a_date("moving=2026-12-24", "")]
#[case::no_date("moving=24%2F12%2F2026", "moving not_a_date: Saisissez une date, par exemple 2026-12-24.")]
#[case::no_such_day("moving=2026-02-30", "moving not_a_date: Saisissez une date, par exemple 2026-12-24.")]
#[case::no_country("country=Belgique", "country not_a_country: Choisissez un pays de la liste.")]
#[tokio::test]
async fn a_field_is_checked_as_its_file_says(#[case] body: &str, #[case] expected: &str) {
    let message = json!({ "fr": "Quatre signes, voyons.", "en": "Four signs, please." });
    let code = json!({ "name": "code", "type": "text", "max_length": 6, "min_length": 4, "pattern": "[A-Z0-9]+", "message": message });
    let world = asking(
        json!([code, { "name": "country", "type": "country" }, { "name": "moving", "type": "date" }]),
        |_| {},
    );
    assert_eq!(fault(&world, &format!("{VALID}&{body}")).await, expected);
}

#[tokio::test]
async fn a_date_is_asked_by_the_browsers_own_means_and_kept_as_iso_8601_writes_it() {
    let world = asking(json!([{ "name": "birthday", "type": "date" }]), |_| {});
    let page = text(&world.form(get(&format!("{FORM}?lang=en"))).await);
    let input = page.split("<input").find(|input| input.contains("name=\"birthday\"")).unwrap();
    assert!(input.contains("type=\"date\"") && input.contains("autocomplete=\"bday\""), "{input}");
    world.form(post(FORM, &format!("{VALID}&birthday=1815-12-10"))).await;
    let lead = world.lead("ada@example.org").await.unwrap();
    assert_eq!(lead.traits["birthday"], TraitValue::from("1815-12-10"));
}

#[tokio::test]
async fn a_country_is_kept_as_its_two_letters_and_shown_by_its_name() {
    let world = asking(json!([{ "name": "country", "type": "country" }]), |_| {});
    let page = text(&world.form(get(&format!("{FORM}?lang=fr"))).await);
    assert!(page.contains(r#"<option value="DE">Allemagne</option>"#));
    let page = text(&world.form(get(&format!("{FORM}?lang=en"))).await);
    assert!(
        page.contains(r#"<option value="DE">Germany</option>"#) && page.contains(r#"autocomplete="country""#)
    );
    world.form(post(FORM, &format!("{VALID}&country=de"))).await;
    assert_eq!(world.lead("ada@example.org").await.unwrap().traits["country"], TraitValue::from("DE"));
}

#[rstest]
#[case::nothing("", "fair-2026")]
#[case::the_files_own("&source=fair-2026", "fair-2026")]
#[case::another_of_the_file("&source=fair-2027", "fair-2027")]
#[case::something_else("&source=evil", "fair-2026")]
#[case::two_things("&source=evil&source=fair-2027", "fair-2026")]
#[tokio::test]
async fn a_hidden_field_holds_what_the_file_allows(#[case] posted: &str, #[case] expected: &str) {
    let source =
        json!({ "name": "source", "type": "hidden", "value": "fair-2026", "options": ["fair-2027"] });
    let world = asking(json!([source]), |_| {});
    assert_eq!(world.form(post(FORM, &format!("{VALID}{posted}"))).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.lead("ada@example.org").await.unwrap().traits["source"], TraitValue::from(expected));
    for (query, value) in [("?source=fair-2027", "fair-2027"), ("?source=%22%3E", "fair-2026")] {
        let page = text(&world.form(get(&format!("{FORM}{query}"))).await);
        assert!(page.contains(&format!(r#"<input type="hidden" name="source" value="{value}">"#)), "{query}");
    }
}

#[tokio::test]
async fn an_address_to_throw_away_is_refused_where_the_file_says_so() {
    let body = "email=ada%40mailinator.com&housing=house";
    assert_eq!(fault(&world(), body).await, "");
    let world = asking(json!([]), |form| form.refuse_disposable = true);
    assert!(fault(&world, body).await.starts_with("email disposable_address: Cette adresse"));
    assert_eq!(fault(&world, VALID).await, "");
}

#[rstest]
#[case::none("", &["conseils", "jardin"])]
#[case::one("&_topics=jardin", &["conseils"])]
#[case::both("&_topics=jardin&_topics=conseils", &[])]
#[tokio::test]
async fn topics_that_are_not_chosen_are_left(#[case] posted: &str, #[case] left: &[&str]) {
    let topics = |form: &mut Form| {
        form.topics = ["conseils", "jardin"].map(|id| domain::TopicId::parse(id).unwrap()).into()
    };
    let world = asking(json!([]), topics);
    let page = text(&world.form(get(FORM)).await);
    assert!(page.contains(r#"name="_topics" value="jardin""#) && !page.contains(" checked>"));
    world.form(post(FORM, &format!("{VALID}{posted}"))).await;
    let lead = world.lead("ada@example.org").await.unwrap();
    assert_eq!(lead.preferences.left_topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(), left);

    assert!(fault(&world, &format!("{VALID}&_topics=all")).await.starts_with("_topics not_a_choice"));
    let list = json!({ "email": "bob@example.org", "housing": "flat", "_topics": ["jardin"] });
    let headers = [("content-type", "application/json"), ("origin", SITE)];
    let response = world.form(request(Method::POST, FORM, &headers, list.to_string())).await;
    assert!(response.status().is_redirection() || response.status().is_success());
    assert_eq!(world.lead("bob@example.org").await.unwrap().preferences.left_topics.len(), 1);
}

#[tokio::test]
async fn a_form_in_steps_stands_on_one_page_and_later_fields_wait() {
    let company = json!({ "name": "company", "type": "text", "max_length": 80, "later": true });
    let steps = json!([
        { "title": { "fr": "Vous" }, "fields": ["email", "first_name"] },
        { "title": { "fr": "Votre toit" }, "fields": ["housing", "surface", "phone", "visit", "company"] }
    ]);
    let world = asking(json!([company]), |form| form.steps = serde_json::from_value(steps).unwrap());
    let page = text(&world.form(get(FORM)).await);
    for part in [
        r#"<fieldset class="step" data-step><legend>Vous</legend>"#,
        r#"<p class="progress" data-moves hidden>Étape 2 / 2</p>"#,
        r#"<div class="field" data-field hidden><label for="company">"#,
        r#"<button type="button" data-move="next">Continuer</button>"#,
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("name=\"email\"").count(), 1);
    assert_eq!(fault(&world, &format!("{VALID}&company=")).await, "");
    let again = text(&world.form(post(FORM, "email=x&housing=house&company=ACME")).await);
    assert!(
        again.contains(r#"<div class="field" data-field><label for="company">"#),
        "what was typed is shown"
    );
}

#[tokio::test]
async fn thanks_of_the_campaigns_own_are_shown() {
    let thanks = json!({ "fr": { "title": "Merci", "html": "<p>À <em>bientôt</em></p>", "text": "À bientôt\n\nL’équipe" } });
    let thanks: Thanks = serde_json::from_value(thanks).unwrap();
    let world = asking(json!([]), |form| form.thanks = Some(thanks));
    let response = world.form(post(FORM, VALID)).await;
    assert_eq!(location(&response), "https://leads.example/f/guide-solaire?thanks&lang=fr");
    let page = text(&world.form(get(&format!("{FORM}?thanks&lang=fr"))).await);
    assert!(page.contains("<h1>Merci</h1><p>À <em>bientôt</em></p>"));

    let told = json_of(&world.form(post(FORM, &format!("{VALID}&_embed=1"))).await);
    assert_eq!(
        told,
        json!({ "status": "pending_confirmation", "title": "Merci", "text": ["À bientôt", "L’équipe"] })
    );
    let json = json_of(&world.form(with(post(FORM, VALID), &[("accept", "application/json")])).await);
    assert_eq!(json, json!({ "status": "pending_confirmation" }), "only our script is told more");
}

/// The answer to our script depends on the form alone: nobody learns who is known.
#[tokio::test]
async fn our_script_is_told_where_to_go() {
    let world = world();
    let first = json_of(&world.form(post(FORM, &format!("{VALID}&_embed=1"))).await);
    assert_eq!(
        first,
        json!({ "status": "pending_confirmation", "next": "https://atelier-soleil.example/merci" })
    );
    let again = json_of(&world.form(post(FORM, &format!("{VALID}&first_name=Ada&_embed=1"))).await);
    let trapped = json_of(&world.form(post(FORM, &format!("{VALID}&_gotcha=1&_embed=1"))).await);
    assert_eq!((&again, &trapped), (&first, &first));
    let invalid = world.form(post(FORM, "email=x&_embed=1")).await;
    assert_eq!(
        (invalid.status(), json_of(&invalid)["status"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("invalid"))
    );
}

#[tokio::test]
async fn the_script_is_small_and_kept_until_it_changes() {
    // As many names as `check` lets pass.
    let room = SCRIPT_ROOM - "guide-solaire".len();
    let mut names: Vec<String> = (10..10 + room / 11).map(|number| format!("company_{number}")).collect();
    names.extend((room % 11 > 1).then(|| "x".repeat(room % 11 - 1)));
    let later = |name| json!({ "name": name, "type": "text", "max_length": 80, "later": true });
    let world = asking(names.iter().map(later).collect(), |form| form.ask_at_once = Some(10));
    let response = world.form(get(SCRIPT)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.body().len() < 3 * 1024, "{} bytes", response.body().len());
    let script = text(&response);
    let about = format!(r#"("guide-solaire","{}".split(" "),10);"#, names.join(" "));
    assert!(script.ends_with(&format!("{about}\n")), "{script}");
    assert!(text(&world.form(get("/f/atelier/embed.js")).await).ends_with("(\"atelier\",[],2);\n"));
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "setAttribute(\"on",
    ] {
        assert!(!script.contains(sink), "{sink}");
    }
    let headers = response.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().starts_with("public, max-age="));
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
        let unchanged = world.form(with(get(SCRIPT), &[("if-none-match", &known)])).await;
        assert_eq!((unchanged.status(), unchanged.body().len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(unchanged.headers()[header::ETAG], tag.as_str());
    }
    let changed = world.form(with(get(SCRIPT), &[("if-none-match", "\"other\"")])).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(world.form(get("/f/atelier/embed.js")).await.headers()[header::ETAG], tag.as_str());
}

#[rstest]
#[case::of_no_campaign(Method::GET, "/f/nothing/embed.js", 404)]
#[case::of_no_name(Method::GET, "/f//embed.js", 404)]
#[case::posted_to(Method::POST, SCRIPT, 405)]
#[case::asked_about(Method::OPTIONS, SCRIPT, 204)]
#[case::only_its_headers(Method::HEAD, SCRIPT, 200)]
#[tokio::test]
async fn the_script_is_only_read(#[case] method: Method, #[case] path: &str, #[case] expected: u16) {
    let response = world().form(request(method, path, &[], "")).await;
    assert_eq!(response.status().as_u16(), expected);
}
