for (;;) print("the sum is coming, the sum is coming, the sum is coming, the sum is coming");
