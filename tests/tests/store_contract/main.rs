//! What every store of leads must do, shown on the embedded engine and on an independent second implementation.

mod erasing;
mod gate;
mod ground;
mod limits;
mod reading;
mod writing;

use std::future::Future;

use ground::Ground;
use tests::dynamodb::Ministack;

/// Each specification is a test of its own on the embedded engine, and a part of one test on ministack, which is
/// started once.
macro_rules! contract {
    ($($subject:ident::$specification:ident,)*) => {
        mod embedded_engine {
            $(
                #[tokio::test]
                async fn $specification() {
                    let ground = crate::ground::Ground::new(&tests::dynamodb::embedded().await, "sillon").await;
                    crate::$subject::$specification(ground).await;
                }
            )*
        }

        #[tokio::test]
        async fn ministack_keeps_the_contract_too() {
            let ministack = Ministack::start().await;
            let mut broken = Vec::new();
            $(
                let name = stringify!($specification);
                let ground = Ground::new(&ministack.endpoint, name).await;
                if !holds($subject::$specification(ground)).await {
                    broken.push(name);
                }
            )*
            assert!(broken.is_empty(), "broken on ministack: {broken:#?}");
        }
    };
}

/// Whether the specification ends without a panic; the panic itself is printed.
async fn holds(specification: impl Future<Output = ()> + Send + 'static) -> bool {
    tokio::spawn(specification).await.is_ok()
}

contract! {
    writing::an_inserted_lead_is_loaded_as_it_was,
    writing::a_new_lead_costs_one_request_and_a_returning_one_two,
    writing::a_second_insert_answers_with_the_lead_that_is_there,
    writing::an_input_is_recorded_once,
    writing::a_write_from_a_stale_version_answers_with_the_current_lead,
    writing::of_concurrent_writers_one_wins_each_round,
    writing::the_same_write_at_once_from_two_sides_succeeds_for_one,
    writing::a_suppressed_address_is_not_inserted_again,
    writing::a_suppression_of_a_known_lead_outlives_its_profile,
    writing::a_whole_batch_fits_in_one_write,
    erasing::nothing_is_left_of_an_erased_lead_but_its_mark,
    erasing::an_erasure_goes_on_where_it_broke_off,
    erasing::who_read_the_lead_before_cannot_write_it_after,
    erasing::nobody_comes_back_while_the_erasure_goes_on_and_anybody_after_it,
    erasing::what_happened_before_an_erasure_does_not_bring_the_lead_back,
    erasing::a_suppressed_address_stays_suppressed,
    erasing::what_comes_back_after_the_erasure_is_kept_by_the_mark,
    erasing::retention_leaves_nothing_and_minds_what_happened_meanwhile,
    reading::records_are_read_in_the_order_of_versions_and_fold_to_the_lead,
    reading::many_pages_of_records_are_read_to_the_end,
    reading::due_leads_come_earliest_first_and_leave_when_done,
    reading::who_waits_for_an_email_comes_before_those_who_are_due_for_longer,
    reading::entries_of_another_shard_count_are_found_until_they_are_rewritten,
    reading::who_is_told_no_shard_count_writes_in_as_many_as_there_are,
    reading::a_profile_asks_for_a_nudge_while_something_is_due_at_once,
    writing::an_item_that_is_too_large_is_refused_by_name_and_size,
    reading::every_lead_is_listed,
    reading::who_read_all_leads_is_told_since_then_and_in_order,
    reading::who_reads_a_lead_stands_in_its_log_once_an_hour,
    reading::a_scan_reads_every_log_once_whatever_the_number_of_segments,
    reading::a_record_that_cannot_be_read_does_not_hide_the_other_leads,
    writing::a_gap_in_versions_is_refused,
    limits::a_full_count_refuses_and_says_which,
    limits::a_write_that_is_refused_uses_up_nothing,
    limits::counts_are_kept_apart_and_expire,
    gate::moments_follow_one_another_and_start_anew_after_a_rest,
    gate::workers_that_ask_at_once_share_the_rate,
    gate::what_would_be_too_late_is_not_reserved,
    gate::while_the_carrier_is_in_doubt_one_email_a_minute_passes,
    gate::workers_that_ask_at_once_get_one_trial,
    gate::confirmations_are_stopped_apart_and_other_emails_pass,
    gate::deliveries_are_counted_by_day_and_anew_after_somebody_resumes,
    gate::confirmations_are_counted_hour_by_hour,
    gate::a_gate_that_is_shut_lets_nothing_pass_until_somebody_resumes,
}
