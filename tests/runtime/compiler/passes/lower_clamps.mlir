// case: a maximum and a minimum with constants
// before
module {
  util.func public @f(%x: f32) -> (f32, f32) {
    %zero = arith.constant 0.0 : f32
    %six = arith.constant 6.0 : f32
    %0 = arith.maximumf %x, %zero : f32
    %1 = arith.minimumf %0, %six : f32
    util.return %0, %1 : f32, f32
  }
}
// after
module {
  util.func public @f(%x: f32) -> (f32, f32) {
    %zero = arith.constant 0.0 : f32
    %six = arith.constant 6.0 : f32
    %less = arith.cmpf ogt, %zero, %x : f32
    %0 = arith.select %less, %zero, %x : f32
    %more = arith.cmpf olt, %six, %0 : f32
    %1 = arith.select %more, %six, %0 : f32
    util.return %0, %1 : f32, f32
  }
}
// case: one within a loop of tensors
// before
module {
  util.func public @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    %zero = arith.constant 0.0 : f32
    %0 = tensor.empty() : tensor<4xf32>
    %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %2 = arith.maximumf %in, %zero : f32
      linalg.yield %2 : f32
    } -> tensor<4xf32>
    util.return %1 : tensor<4xf32>
  }
}
// after
// - %2 = arith.maximumf %in, %zero : f32
// + %new = arith.cmpf ogt, %zero, %in : f32
// + %3 = arith.select %new, %zero, %in : f32
// - %2 : f32
// + %3 : f32
// case: limits that are unknown, NaN, or on the left stay
// unchanged
module {
  util.func public @f(%x: f32, %y: f32) -> (f32, f32, f32) {
    %nan = arith.constant 0x7FC00000 : f32
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %x, %y : f32
    %1 = arith.minimumf %x, %nan : f32
    %2 = arith.maximumf %zero, %x : f32
    util.return %0, %1, %2 : f32, f32, f32
  }
}
