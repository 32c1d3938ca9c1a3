<?php
// A generator, a class, and an exception that nobody catches.
class Stack implements IteratorAggregate {
    private array $items = [];
    public function push(mixed $item): static { $this->items[] = $item; return $this; }
    public function getIterator(): Generator { yield from array_reverse($this->items); }
}
foreach ((new Stack)->push(1)->push('two')->push(3.5) as $item) var_dump($item);
throw new DomainException('nobody catches this');
