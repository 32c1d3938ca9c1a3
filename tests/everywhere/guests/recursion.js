// Calls itself for ever. This interpreter does not know how large its stack is, and leaves its memory.
let depth = 0;
const deeper = () => {
  depth += 1;
  if (depth % 500 === 0) console.log(depth);
  deeper();
};
deeper();
