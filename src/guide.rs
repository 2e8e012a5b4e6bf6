//! Guides by topic, with complete tests to copy.
//!
//! | guide | about |
//! | --- | --- |
//! | [`cookbook`] | whole tests for common questions, and how the code under test gets a client |
//! | [`time`] | hours in milliseconds, jobs that end when the test says so, inventories, notifications |
//! | [`record`] | recorded requests, assertions, expectations, waiting, failure messages, the log |
//! | [`costs`] | what AWS would charge for, and what it would cost |
//! | [`faults`] | errors, delays, lost responses, damaged bodies, outages |
//! | [`sweep`] | a scenario once for each fault at each call, crashes, pairs of faults |
//! | [`shuffle`] | concurrent calls, with their responses in every order |
//! | [`policies`] | principals, signatures, access policies, vault locks |
//! | [`sharing`] | one mock for several tests |
//! | [`state`] | the state of a mock in a file, for golden vaults and bug reports |
//! | [`program`] | the mock as a program, for the AWS CLI and other languages |
//! | [`clients`] | each client of the program: older SDKs, Terraform, a proxy; one account for each test |
//! | [`limits`] | what is covered, sizes, open files, paused time, platforms |
//! | [`troubleshooting`] | symptoms and their causes |
//!
//! The pages are also files of the repository, in `docs/guide`. A test of the repository compiles and runs each test on
//! them.

// The code on the pages is to be copied, so it is marked as tests. rustdoc compiles the rest of each block and leaves
// tests out; `tests/suite/readme` compiles and runs them.
#![allow(clippy::test_attr_in_doctest)]

/// Includes a page as the documentation of a module.
///
/// The pages link to each other by file name, for readers of the repository. Markdown uses the first definition of a
/// link, so the definitions here turn these links into links between modules.
macro_rules! page {
    ($name:ident) => {
        page!($name, "client");
    };
    // The tests on the page use this feature too.
    ($name:ident, $feature:literal) => {
        #[doc = "[clients]: crate::guide::clients\n\
                 [cookbook]: crate::guide::cookbook\n\
                 [costs]: crate::guide::costs\n\
                 [faults]: crate::guide::faults\n\
                 [limits]: crate::guide::limits\n\
                 [policies]: crate::guide::policies\n\
                 [program]: crate::guide::program\n\
                 [record]: crate::guide::record\n\
                 [sharing]: crate::guide::sharing\n\
                 [shuffle]: crate::guide::shuffle\n\
                 [state]: crate::guide::state\n\
                 [sweep]: crate::guide::sweep\n\
                 [time]: crate::guide::time\n\
                 [troubleshooting]: crate::guide::troubleshooting\n"]
        // The tests on the pages use the SDK.
        #[cfg_attr(all(feature = "client", feature = $feature), doc = include_str!(concat!("../docs/guide/", stringify!($name), ".md")))]
        #[cfg_attr(
            not(all(feature = "client", feature = $feature)),
            doc = "This page is part of the documentation with all features."
        )]
        pub mod $name {}
    };
}

page!(clients);
page!(cookbook);
page!(costs);
page!(faults);
page!(limits);
page!(policies);
page!(program);
page!(record);
page!(sharing);
page!(shuffle);
page!(state, "state");
page!(sweep);
page!(time);
page!(troubleshooting);
