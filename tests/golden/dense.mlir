// Dense(fan_in=3, fan_out=7, init=Init(kind='normal', value=0.01), bias_init=Init(kind='constant', value=0.0))
module @dense {
  func.func public @main(
      %x: tensor<4x3xf32>,
      %weight: tensor<3x7xf32>,
      %bias: tensor<7xf32>,
      %dy: tensor<4x7xf32>
  ) -> (
      tensor<4x7xf32>,
      tensor<4x3xf32>,
      tensor<3x7xf32>,
      tensor<7xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_dot = stablehlo.dot_general %x, %weight, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x3xf32>, tensor<3x7xf32>) -> tensor<4x7xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %bias, dims = [1] : (tensor<7xf32>) -> tensor<4x7xf32>
    %block1_1_x_biased = stablehlo.add %block1_1_x_dot, %block1_1_x_each : tensor<4x7xf32>
    %block1_1_x_dweight = stablehlo.dot_general %x, %dy, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x3xf32>, tensor<4x7xf32>) -> tensor<3x7xf32>
    %block1_1_x_dbias = stablehlo.reduce(%dy init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<4x7xf32>, tensor<f32>) -> tensor<7xf32>
    %block1_1_x_dx = stablehlo.dot_general %dy, %weight, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x7xf32>, tensor<3x7xf32>) -> tensor<4x3xf32>
    return %block1_1_x_biased, %block1_1_x_dx, %block1_1_x_dweight, %block1_1_x_dbias : tensor<4x7xf32>, tensor<4x3xf32>, tensor<3x7xf32>, tensor<7xf32>
  }
}
