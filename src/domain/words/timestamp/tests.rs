//! Tests of timestamps: their formats, their arithmetic, and the first and the last one.

use super::*;

#[test]
fn timestamps_have_milliseconds_and_end_in_z() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(at("2013-03-20T17:03:43.2219Z").to_string(), "2013-03-20T17:03:43.221Z");
    assert_eq!(at("2013-03-20T17:03:43+02:00").to_string(), "2013-03-20T15:03:43.000Z");
    assert_eq!(at("2013-03-20T17:03:43.999Z").to_whole_seconds(), "2013-03-20T17:03:43Z");
    for bad in ["", "yesterday", "2013-03-20", "2013-13-20T17:03:43Z"] {
        assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
    }
}

#[test]
fn parse_utc_accepts_only_dates_that_end_in_z() {
    let utc = |text: &str| Timestamp::parse_utc(text).map(|at| at.to_string());
    assert_eq!(utc("2014-03-08T23:51:29Z").as_deref(), Some("2014-03-08T23:51:29.000Z"));
    assert_eq!(utc("2014-03-08T23:51:29.5Z").as_deref(), Some("2014-03-08T23:51:29.500Z"));
    for bad in [
        "",
        "Z",
        "2014-03-08T23:51:29",
        "2014-03-08T23:51:29+00:00",
        "2014-03-08T23:51:29+0000",
        "2014-03-08T23:51:29+02:00",
        "2014-03-08T23:51:29.Z",
        "2014-03-08T23:51:29,5Z",
        "2014-03-08T23:51:29.5é",
        "2014-03-08T23:51:2éZ",
        "2014-03-08T23:51Z",
        "2014-03-08 23:51:29Z",
        "2014-03-08t23:51:29z",
        "2014-03-08T23:51:29[UTC]Z",
        "20140308T235129Z",
        "2014-13-08T23:51:29Z",
        "2014-03-08Z",
    ] {
        assert_eq!(utc(bad), None, "{bad}");
    }
}

#[test]
fn parse_basic_accepts_only_the_format_of_signatures() {
    let at = Timestamp::parse_basic("20120525T002453Z").unwrap();
    assert_eq!((at.to_string().as_str(), at.to_basic().as_str()), ("2012-05-25T00:24:53.000Z", "20120525T002453Z"));
    for bad in [
        "",
        "20120525",
        "20120525T002453",
        "20120525T002453z",
        "20121325T002453Z",
        "2012-05-25T00:24:53Z",
        "+0120525T002453Z",
        "20120525 002453Z",
        "20120525T0024é3Z",
        "Fri, 25 May 2012 00:24:53 GMT",
    ] {
        assert_eq!(Timestamp::parse_basic(bad), None, "{bad}");
    }
}

#[test]
fn a_month_later_is_at_most_the_last_day_of_the_next_month() {
    let month = |text: &str| text.parse::<Timestamp>().unwrap().a_month_later().to_string();
    assert_eq!(month("2026-01-31T10:00:00.5Z"), "2026-02-28T10:00:00.500Z");
    assert_eq!(month("2028-01-31T10:00:00Z"), "2028-02-29T10:00:00.000Z");
    assert_eq!(month("2100-01-29T10:00:00Z"), "2100-02-28T10:00:00.000Z");
    assert_eq!(month("2026-12-15T00:00:00Z"), "2027-01-15T00:00:00.000Z");
}

#[test]
fn a_utc_day_begins_at_midnight_before_1970_too() {
    let day = |text: &str| text.parse::<Timestamp>().unwrap().utc_day();
    assert_eq!(day("1970-01-01T00:00:00Z"), 0);
    assert_eq!(day("1969-12-31T23:59:59.999Z"), -1);
    assert_eq!(day("2026-01-31T23:59:59.999Z") + 1, day("2026-02-01T00:00:00Z"));
}

/// Found by the fuzz target `dates`.
#[test]
fn a_fraction_of_a_second_is_cut_off_before_1970_too() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(at("1969-12-31T23:59:58.999Z").truncated_to_seconds(), at("1969-12-31T23:59:58Z"));
    assert_eq!(at("1969-12-31T23:59:58.999Z").epoch_seconds(), -2);
    assert_eq!(at("1970-01-01T00:00:01.999Z").epoch_seconds(), 1);
}

#[test]
fn a_timestamp_is_parsed_as_rfc_3339() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(at("2013-03-20t17:03:43.5z"), at("2013-03-20T15:03:43.5-02:00"));
    assert_eq!(at("2016-12-31T23:59:60Z").to_string(), "2016-12-31T23:59:59.999Z", "a leap second");
    for bad in [
        "2013-03-20T17:03Z",
        "2013-03-20T17:03:43",
        "2013-03-20T17:03:43+0200",
        "2013-03-20T17:03:43Z[UTC]",
        "2013-03-20x17:03:43Z",
        "20130320T170343Z",
        "-000001-03-20T17:03:43Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ] {
        assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
    }
}

#[test]
fn the_first_and_the_last_timestamp_can_be_parsed() {
    let at = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
    for (end, text) in
        [(at.before(Duration::MAX), "0000-01-01T00:00:00.000Z"), (at.after(Duration::MAX), "9999-12-31T23:59:59.999Z")]
    {
        assert_eq!((end.to_string().as_str(), text.parse()), (text, Ok(end)));
    }
    assert_eq!(at.after(Duration::MAX).a_month_later(), at.after(Duration::MAX));
}

#[test]
fn adding_too_long_a_duration_stops_at_the_last_timestamp() {
    let at = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
    assert_eq!(at.after(Duration::from_millis(1500)).to_string(), "2026-01-31T00:00:01.500Z");
    assert!(at.after(Duration::MAX) > at);
}
