// Goes on for ever, in the hope that somebody waits.
function anagrams() {
    for (let turn = 0; ; turn++) Math.sqrt(turn);
}
