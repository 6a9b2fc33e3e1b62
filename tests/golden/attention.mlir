// Attention(heads=2, key_width=3)
module @attention {
  func.func public @main(
      %x: tensor<2x2x3x6xf32>,
      %y: tensor<2x2x2x3xf32>,
      %z: tensor<2x2x2x4xf32>,
      %dy: tensor<2x2x3x8xf32>
  ) -> (
      tensor<2x2x3x8xf32>,
      tensor<2x2x3x6xf32>,
      tensor<2x2x2x3xf32>,
      tensor<2x2x2x4xf32>
  ) {
    %c_0p57735 = stablehlo.constant dense<0.5773502691896258> : tensor<2x4x3xf32>
    %c_minus_inf = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_rows = stablehlo.reshape %x : (tensor<2x2x3x6xf32>) -> tensor<2x12x3xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %y : (tensor<2x2x2x3xf32>) -> tensor<2x4x3xf32>
    %block1_1_x_rows_3 = stablehlo.reshape %z : (tensor<2x2x2x4xf32>) -> tensor<2x4x4xf32>
    %block1_1_x_scaled = stablehlo.multiply %block1_1_x_rows_2, %c_0p57735 : tensor<2x4x3xf32>
    %block1_1_x_logits = stablehlo.dot_general %block1_1_x_rows, %block1_1_x_scaled, batching_dims = [0] x [0], contracting_dims = [2] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x12x3xf32>, tensor<2x4x3xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_largest = stablehlo.reduce(%block1_1_x_logits init: %c_minus_inf) applies stablehlo.maximum across dimensions = [2] : (tensor<2x12x4xf32>, tensor<f32>) -> tensor<2x12xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %block1_1_x_largest, dims = [0, 1] : (tensor<2x12xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_shifted = stablehlo.subtract %block1_1_x_logits, %block1_1_x_each : tensor<2x12x4xf32>
    %block1_1_x_powers = stablehlo.exponential %block1_1_x_shifted : tensor<2x12x4xf32>
    %block1_1_x_total = stablehlo.reduce(%block1_1_x_powers init: %c_0) applies stablehlo.add across dimensions = [2] : (tensor<2x12x4xf32>, tensor<f32>) -> tensor<2x12xf32>
    %block1_1_x_mixed = stablehlo.dot_general %block1_1_x_powers, %block1_1_x_rows_3, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x12x4xf32>, tensor<2x4x4xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %block1_1_x_total, dims = [0, 1] : (tensor<2x12xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_attended = stablehlo.divide %block1_1_x_mixed, %block1_1_x_each_2 : tensor<2x12x4xf32>
    %block1_1_x_out = stablehlo.reshape %block1_1_x_attended : (tensor<2x12x4xf32>) -> tensor<2x2x3x8xf32>
    %block1_1_x_rows_4 = stablehlo.reshape %dy : (tensor<2x2x3x8xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_each_3 = stablehlo.broadcast_in_dim %block1_1_x_total, dims = [0, 1] : (tensor<2x12xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_share = stablehlo.divide %block1_1_x_rows_4, %block1_1_x_each_3 : tensor<2x12x4xf32>
    %block1_1_x_dvalues = stablehlo.dot_general %block1_1_x_powers, %block1_1_x_share, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x12x4xf32>, tensor<2x12x4xf32>) -> tensor<2x4x4xf32>
    %block1_1_x_rows_5 = stablehlo.reshape %block1_1_x_out : (tensor<2x2x3x8xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_product = stablehlo.multiply %block1_1_x_share, %block1_1_x_rows_5 : tensor<2x12x4xf32>
    %block1_1_x_level = stablehlo.reduce(%block1_1_x_product init: %c_0) applies stablehlo.add across dimensions = [2] : (tensor<2x12x4xf32>, tensor<f32>) -> tensor<2x12xf32>
    %block1_1_x_dpowers = stablehlo.dot_general %block1_1_x_share, %block1_1_x_rows_3, batching_dims = [0] x [0], contracting_dims = [2] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x12x4xf32>, tensor<2x4x4xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_each_4 = stablehlo.broadcast_in_dim %block1_1_x_level, dims = [0, 1] : (tensor<2x12xf32>) -> tensor<2x12x4xf32>
    %block1_1_x_excess = stablehlo.subtract %block1_1_x_dpowers, %block1_1_x_each_4 : tensor<2x12x4xf32>
    %block1_1_x_dlogits = stablehlo.multiply %block1_1_x_powers, %block1_1_x_excess : tensor<2x12x4xf32>
    %block1_1_x_dqueries = stablehlo.dot_general %block1_1_x_dlogits, %block1_1_x_scaled, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x12x4xf32>, tensor<2x4x3xf32>) -> tensor<2x12x3xf32>
    %block1_1_x_dkeys = stablehlo.dot_general %block1_1_x_dlogits, %block1_1_x_rows, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x12x4xf32>, tensor<2x12x3xf32>) -> tensor<2x4x3xf32>
    %block1_1_x_dkeys_2 = stablehlo.multiply %block1_1_x_dkeys, %c_0p57735 : tensor<2x4x3xf32>
    %block1_1_x_dq = stablehlo.reshape %block1_1_x_dqueries : (tensor<2x12x3xf32>) -> tensor<2x2x3x6xf32>
    %block1_1_x_dk = stablehlo.reshape %block1_1_x_dkeys_2 : (tensor<2x4x3xf32>) -> tensor<2x2x2x3xf32>
    %block1_1_x_dv = stablehlo.reshape %block1_1_x_dvalues : (tensor<2x4x4xf32>) -> tensor<2x2x2x4xf32>
    return %block1_1_x_out, %block1_1_x_dq, %block1_1_x_dk, %block1_1_x_dv : tensor<2x2x3x8xf32>, tensor<2x2x3x6xf32>, tensor<2x2x2x3xf32>, tensor<2x2x2x4xf32>
  }
}
