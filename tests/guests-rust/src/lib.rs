//! What the guests share: how an answer is printed.

use std::fmt::Debug;
use std::io;

/// Prints a question and its answer.
pub fn show(question: &str, answer: impl Debug) {
    println!("{question}: {answer:?}");
}

/// Prints a question and its answer, or the kind and number of its error: its text belongs to the C library.
pub fn tell<T: Debug>(question: &str, answer: io::Result<T>) {
    match answer {
        Ok(answer) => show(question, answer),
        Err(error) => match error.raw_os_error() {
            Some(number) => println!("{question}: {:?}, errno {number}", error.kind()),
            None => println!("{question}: {:?}", error.kind()),
        },
    }
}
