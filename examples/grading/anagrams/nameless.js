// The function has another name than the one that is called.
function groups(words) {
    return words.map((word) => [word]);
}
