//! Dates: in job parameters, signatures and policies, and those that a test writes.

use crate::domain::words::Timestamp;

/// Reads a text as a date in each form.
pub fn dates(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let any = text.parse::<Timestamp>().ok();
    if let Some(date) = any {
        // A date that is written can be read again.
        assert_eq!(date.to_string().parse(), Ok(date), "{text}");
        let whole = date.truncated_to_seconds();
        assert_eq!(date.to_whole_seconds(), whole.to_whole_seconds(), "{text}");
        let year = date.to_string().find('-');
        if year == Some(4) {
            assert_eq!(Timestamp::parse_utc(&date.to_whole_seconds()), Some(whole), "{text}");
            assert_eq!(Timestamp::parse_basic(&whole.to_basic()), Some(whole), "{text}");
        }
        // Arithmetic at the ends of time.
        assert!(date.a_month_later() >= date, "{text}");
        let _ = (date.utc_day(), date.epoch_seconds(), date.since(whole));
        let long = std::time::Duration::from_secs(u64::MAX);
        assert!(date.before(long) <= date && date.after(long) >= date, "{text}");
    }
    if let Some(date) = Timestamp::parse_utc(text) {
        // The strict form is one of the forms, and ends in `Z`.
        assert!(text.ends_with('Z') && any == Some(date), "{text}");
        // The text determines the whole seconds, except that a leap second counts as the second before it.
        assert!(date.to_whole_seconds()[..17] == text[..17], "{text} became {date}");
    }
    if let Some(date) = Timestamp::parse_basic(text) {
        assert!(text.len() == 16 && date.to_basic()[..13] == text[..13], "{text} became {date}");
    }
}
