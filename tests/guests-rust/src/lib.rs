//! What the guests share: how an answer is printed.

use std::fmt::Debug;
use std::io;

/// Prints a question and its answer.
pub fn show(question: &str, answer: impl Debug) {
    println!("{question}: {answer:?}");
}

/// Prints a question and its answer, or the number of its error, or its kind if it has none. Text and kind of a number belong
/// to the version of the standard library, and so does whether it asks the system at all for what is not supported.
pub fn tell<T: Debug>(question: &str, answer: io::Result<T>) {
    match answer {
        Ok(answer) => show(question, answer),
        Err(error) => match error.raw_os_error() {
            Some(number) if error.kind() != io::ErrorKind::Unsupported => {
                println!("{question}: errno {number}");
            }
            _ => println!("{question}: {:?}", error.kind()),
        },
    }
}
