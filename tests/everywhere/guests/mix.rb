# Strings, hashes, big numbers, floats, time and entropy.
require 'digest' rescue puts 'no digest'
numbers = (1..2000).map { |n| (n * 7919) % 10_007 }
puts numbers.sort.each_slice(250).map(&:first).inspect
puts numbers.group_by { |n| n % 7 }.transform_values(&:sum).sort.inspect
puts (2**300).to_s(36), 100.downto(1).inject(:*).digits.sum, 10**25 / 7, Rational(3, 7)**5
puts [0.1 + 0.2, 1e23, 2.5.round, -7.0 / 3, Math.sin(1e6), Math.cbrt(2), 0.0 / 0.0, 1.0.next_float].inspect
puts 'Grüße, Ωμέγα'.unicode_normalize(:nfd).bytes.sum, 'abc'.succ, 'a1b22c333'.scan(/[a-z]\d+/).inspect
puts Time.now.utc, Random.new_seed, rand, [1, 2, 3, 4, 5].shuffle.inspect
puts 'text'.hash, :symbol.object_id.class, Object.new.inspect
puts $stdin.each_line.map(&:chomp).inspect, ARGV.inspect
File.write('/made', numbers.pack('L<*'))
puts File.size('/made'), Dir.children('/').sort.inspect, File.stat('/made').mtime.nsec
GC.start
puts GC.count.class, ObjectSpace.count_objects.class
