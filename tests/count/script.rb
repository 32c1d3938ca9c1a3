words = %w[the quick brown fox jumps over the lazy dog]
counts = Hash.new(0)
400.times { |number| counts[words[number * number % words.size]] += 1 }
puts counts.sort.map { |word, count| "#{word} #{count}" }
puts (1..30).reduce(:*)
