// CrossEntropy(smoothing=0.1, mixed=False, weights=())
module @cross_entropy {
  func.func public @main(
      %x: tensor<4x5xf32>,
      %labels: tensor<4xi32>,
      %dy: tensor<f32>
  ) -> (
      tensor<f32>,
      tensor<4x5xf32>
  ) {
    %c_minus_inf = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_0p92 = stablehlo.constant dense<0.92> : tensor<4x5xf32>
    %c_0p02 = stablehlo.constant dense<0.02> : tensor<4x5xf32>
    %c_m4 = stablehlo.constant dense<-4.0> : tensor<f32>
    %c_4 = stablehlo.constant dense<4.0> : tensor<f32>
    %block1_1_x_max = stablehlo.reduce(%x init: %c_minus_inf) applies stablehlo.maximum across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_everywhere = stablehlo.broadcast_in_dim %block1_1_x_max, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_shifted = stablehlo.subtract %x, %block1_1_x_everywhere : tensor<4x5xf32>
    %block1_1_x_exp = stablehlo.exponential %block1_1_x_shifted : tensor<4x5xf32>
    %block1_1_x_total = stablehlo.reduce(%block1_1_x_exp init: %c_0) applies stablehlo.add across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_log = stablehlo.log %block1_1_x_total : tensor<4xf32>
    %block1_1_x_everywhere_2 = stablehlo.broadcast_in_dim %block1_1_x_log, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_log_softmax = stablehlo.subtract %block1_1_x_shifted, %block1_1_x_everywhere_2 : tensor<4x5xf32>
    %block1_1_x_column = stablehlo.iota dim = 1 : tensor<4x5xi32>
    %block1_1_x_label = stablehlo.broadcast_in_dim %labels, dims = [0] : (tensor<4xi32>) -> tensor<4x5xi32>
    %block1_1_x_is_label = stablehlo.compare EQ, %block1_1_x_column, %block1_1_x_label, SIGNED : (tensor<4x5xi32>, tensor<4x5xi32>) -> tensor<4x5xi1>
    %block1_1_x_target = stablehlo.select %block1_1_x_is_label, %c_0p92, %c_0p02 : tensor<4x5xi1>, tensor<4x5xf32>
    %block1_1_x_product = stablehlo.multiply %block1_1_x_target, %block1_1_x_log_softmax : tensor<4x5xf32>
    %block1_1_x_total_2 = stablehlo.reduce(%block1_1_x_product init: %c_0) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<f32>
    %block1_1_x_loss = stablehlo.divide %block1_1_x_total_2, %c_m4 : tensor<f32>
    %block1_1_x_softmax = stablehlo.exponential %block1_1_x_log_softmax : tensor<4x5xf32>
    %block1_1_x_excess = stablehlo.subtract %block1_1_x_softmax, %block1_1_x_target : tensor<4x5xf32>
    %block1_1_x_share = stablehlo.divide %dy, %c_4 : tensor<f32>
    %block1_1_x_everywhere_3 = stablehlo.broadcast_in_dim %block1_1_x_share, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %block1_1_x_dlogits = stablehlo.multiply %block1_1_x_excess, %block1_1_x_everywhere_3 : tensor<4x5xf32>
    return %block1_1_x_loss, %block1_1_x_dlogits : tensor<f32>, tensor<4x5xf32>
  }
}
