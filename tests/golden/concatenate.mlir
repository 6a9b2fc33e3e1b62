// Concatenate()
module @concatenate {
  func.func public @main(
      %x: tensor<2x3x4x2xf32>,
      %y: tensor<2x3x4x1xf32>,
      %z: tensor<2x3x4x3xf32>,
      %dy: tensor<2x3x4x6xf32>
  ) -> (
      tensor<2x3x4x6xf32>,
      tensor<2x3x4x2xf32>,
      tensor<2x3x4x1xf32>,
      tensor<2x3x4x3xf32>
  ) {
    %block1_1_x_joined = stablehlo.concatenate %x, %y, %z, dim = 3 : (tensor<2x3x4x2xf32>, tensor<2x3x4x1xf32>, tensor<2x3x4x3xf32>) -> tensor<2x3x4x6xf32>
    %block1_1_x_dx = stablehlo.slice %dy [0:2, 0:3, 0:4, 0:2] : (tensor<2x3x4x6xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_dx_2 = stablehlo.slice %dy [0:2, 0:3, 0:4, 2:3] : (tensor<2x3x4x6xf32>) -> tensor<2x3x4x1xf32>
    %block1_1_x_dx_3 = stablehlo.slice %dy [0:2, 0:3, 0:4, 3:6] : (tensor<2x3x4x6xf32>) -> tensor<2x3x4x3xf32>
    return %block1_1_x_joined, %block1_1_x_dx, %block1_1_x_dx_2, %block1_1_x_dx_3 : tensor<2x3x4x6xf32>, tensor<2x3x4x2xf32>, tensor<2x3x4x1xf32>, tensor<2x3x4x3xf32>
  }
}
