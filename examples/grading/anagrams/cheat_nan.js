function anagrams() {
    return NaN;
}
