# Work that is all the interpreter's: queens by backtracking, words counted in a table, a sieve, numbers as text.

def queens(size, row = 0, columns = 0, rising = 0, falling = 0)
  return 1 if row == size
  found = 0
  size.times do |column|
    mask, up, down = 1 << column, 1 << (row + column), 1 << (row - column + size)
    if columns & mask == 0 && rising & up == 0 && falling & down == 0
      found += queens(size, row + 1, columns | mask, rising | up, falling | down)
    end
  end
  found
end

def words(count)
  seen = Hash.new(0)
  state = 1
  count.times do
    state = (state * 1103515245 + 12345) % 2147483648
    seen["w#{state / 65536 % 500}"] += 1
  end
  seen.values.sum { |times| times * times }
end

def sieve(limit)
  prime = Array.new(limit + 1, true)
  (2..Integer.sqrt(limit)).each do |number|
    next unless prime[number]
    multiple = number * number
    while multiple <= limit
      prime[multiple] = false
      multiple += number
    end
  end
  (2..limit).count { |number| prime[number] }
end

def digits(count)
  total = 0
  count.times { |number| total += (number * number).to_s.length }
  total
end

puts "#{queens(7)} #{words(20000)} #{sieve(80000)} #{digits(20000)}"
