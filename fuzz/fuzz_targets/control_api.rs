#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| glacier_mock::fuzzing::control_api(input));
