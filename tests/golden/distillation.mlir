// Distillation(labels=CrossEntropy(smoothing=0.1, mixed=False, weights=()), weight=0.3, temperature=2.0)
module @distillation {
  func.func public @main(
      %x: tensor<4x5xf32>,
      %labels: tensor<4xi32>,
      %teacher: tensor<4x5xf32>,
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
    %c_1p17549em38 = stablehlo.constant dense<1.1754943508222875e-38> : tensor<4x5xf32>
    %c_2 = stablehlo.constant dense<2.0> : tensor<4x5xf32>
    %c_0p7 = stablehlo.constant dense<0.7> : tensor<f32>
    %c_0p3 = stablehlo.constant dense<0.3> : tensor<f32>
    %c_4 = stablehlo.constant dense<4.0> : tensor<f32>
    %c_0p15 = stablehlo.constant dense<0.15> : tensor<f32>
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
    %block1_1_x_given = stablehlo.maximum %teacher, %c_1p17549em38 : tensor<4x5xf32>
    %block1_1_x_log_given = stablehlo.log %block1_1_x_given : tensor<4x5xf32>
    %block1_1_x_cooled = stablehlo.divide %block1_1_x_log_given, %c_2 : tensor<4x5xf32>
    %block1_1_x_max_2 = stablehlo.reduce(%block1_1_x_cooled init: %c_minus_inf) applies stablehlo.maximum across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_everywhere_3 = stablehlo.broadcast_in_dim %block1_1_x_max_2, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_shifted_2 = stablehlo.subtract %block1_1_x_cooled, %block1_1_x_everywhere_3 : tensor<4x5xf32>
    %block1_1_x_exp_2 = stablehlo.exponential %block1_1_x_shifted_2 : tensor<4x5xf32>
    %block1_1_x_total_3 = stablehlo.reduce(%block1_1_x_exp_2 init: %c_0) applies stablehlo.add across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_log_2 = stablehlo.log %block1_1_x_total_3 : tensor<4xf32>
    %block1_1_x_everywhere_4 = stablehlo.broadcast_in_dim %block1_1_x_log_2, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_log_softmax_2 = stablehlo.subtract %block1_1_x_shifted_2, %block1_1_x_everywhere_4 : tensor<4x5xf32>
    %block1_1_x_cooled_2 = stablehlo.divide %x, %c_2 : tensor<4x5xf32>
    %block1_1_x_max_3 = stablehlo.reduce(%block1_1_x_cooled_2 init: %c_minus_inf) applies stablehlo.maximum across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_everywhere_5 = stablehlo.broadcast_in_dim %block1_1_x_max_3, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_shifted_3 = stablehlo.subtract %block1_1_x_cooled_2, %block1_1_x_everywhere_5 : tensor<4x5xf32>
    %block1_1_x_exp_3 = stablehlo.exponential %block1_1_x_shifted_3 : tensor<4x5xf32>
    %block1_1_x_total_4 = stablehlo.reduce(%block1_1_x_exp_3 init: %c_0) applies stablehlo.add across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %block1_1_x_log_3 = stablehlo.log %block1_1_x_total_4 : tensor<4xf32>
    %block1_1_x_everywhere_6 = stablehlo.broadcast_in_dim %block1_1_x_log_3, dims = [0] : (tensor<4xf32>) -> tensor<4x5xf32>
    %block1_1_x_log_softmax_3 = stablehlo.subtract %block1_1_x_shifted_3, %block1_1_x_everywhere_6 : tensor<4x5xf32>
    %block1_1_x_taught = stablehlo.exponential %block1_1_x_log_softmax_2 : tensor<4x5xf32>
    %block1_1_x_apart = stablehlo.subtract %block1_1_x_log_softmax_2, %block1_1_x_log_softmax_3 : tensor<4x5xf32>
    %block1_1_x_product_2 = stablehlo.multiply %block1_1_x_taught, %block1_1_x_apart : tensor<4x5xf32>
    %block1_1_x_divergence = stablehlo.reduce(%block1_1_x_product_2 init: %c_0) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<f32>
    %block1_1_x_of_labels = stablehlo.multiply %block1_1_x_loss, %c_0p7 : tensor<f32>
    %block1_1_x_of_teacher = stablehlo.multiply %block1_1_x_divergence, %c_0p3 : tensor<f32>
    %block1_1_x_loss_2 = stablehlo.add %block1_1_x_of_labels, %block1_1_x_of_teacher : tensor<f32>
    %block1_1_x_rest = stablehlo.multiply %dy, %c_0p7 : tensor<f32>
    %block1_1_x_softmax = stablehlo.exponential %block1_1_x_log_softmax : tensor<4x5xf32>
    %block1_1_x_excess = stablehlo.subtract %block1_1_x_softmax, %block1_1_x_target : tensor<4x5xf32>
    %block1_1_x_share = stablehlo.divide %block1_1_x_rest, %c_4 : tensor<f32>
    %block1_1_x_everywhere_7 = stablehlo.broadcast_in_dim %block1_1_x_share, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %block1_1_x_dlogits = stablehlo.multiply %block1_1_x_excess, %block1_1_x_everywhere_7 : tensor<4x5xf32>
    %block1_1_x_softened = stablehlo.exponential %block1_1_x_log_softmax_3 : tensor<4x5xf32>
    %block1_1_x_untaught = stablehlo.subtract %block1_1_x_softened, %block1_1_x_taught : tensor<4x5xf32>
    %block1_1_x_share_of_teacher = stablehlo.multiply %dy, %c_0p15 : tensor<f32>
    %block1_1_x_everywhere_8 = stablehlo.broadcast_in_dim %block1_1_x_share_of_teacher, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %block1_1_x_of_teacher_2 = stablehlo.multiply %block1_1_x_untaught, %block1_1_x_everywhere_8 : tensor<4x5xf32>
    %block1_1_x_dlogits_2 = stablehlo.add %block1_1_x_dlogits, %block1_1_x_of_teacher_2 : tensor<4x5xf32>
    return %block1_1_x_loss_2, %block1_1_x_dlogits_2 : tensor<f32>, tensor<4x5xf32>
  }
}
