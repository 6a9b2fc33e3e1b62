// case: functions are shared out by how many operations they have, and dispatched where they are
// before
module {
  flow.executable private @a_dispatch {
    flow.executable.export public @a
    builtin.module {
      func.func @a(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %c3 = arith.constant 3 : index
        %c4 = arith.constant 4 : index
        %c5 = arith.constant 5 : index
        return
      }
    }
  }
  flow.executable private @b_dispatch {
    flow.executable.export public @b
    builtin.module {
      func.func @b(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        return
      }
    }
  }
  flow.executable private @c_dispatch {
    flow.executable.export public @c
    builtin.module {
      func.func @c(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  flow.executable private @d_dispatch {
    flow.executable.export public @d
    builtin.module {
      func.func @d(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  flow.executable private @e_dispatch {
    flow.executable.export public @e
    builtin.module {
      func.func @e(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  flow.executable private @f_dispatch {
    flow.executable.export public @f
    builtin.module {
      func.func @f(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        return
      }
    }
  }
  flow.executable private @g_dispatch {
    flow.executable.export public @g
    builtin.module {
      func.func @g(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  util.initializer {
    %0 = flow.dispatch @g_dispatch::@g() : () -> tensor<4xf32>
    util.return
  }
  util.func public @f() {
    %0 = flow.dispatch @a_dispatch::@a() : () -> tensor<4xf32>
    %1 = flow.dispatch @b_dispatch::@b() : () -> tensor<4xf32>
    %2 = flow.dispatch @c_dispatch::@c() : () -> tensor<4xf32>
    %3 = flow.dispatch @d_dispatch::@d() : () -> tensor<4xf32>
    %4 = flow.dispatch @e_dispatch::@e() : () -> tensor<4xf32>
    %5 = flow.dispatch @f_dispatch::@f() : () -> tensor<4xf32>
    %6 = flow.dispatch @a_dispatch::@a() : () -> tensor<4xf32>
    util.return
  }
}
// after
module {
  flow.executable private @group_0 {
    flow.executable.export public @a
    builtin.module {
      func.func @a(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %c3 = arith.constant 3 : index
        %c4 = arith.constant 4 : index
        %c5 = arith.constant 5 : index
        return
      }
    }
  }
  flow.executable private @group_1 {
    flow.executable.export public @b
    flow.executable.export public @g
    builtin.module {
      func.func @b(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        return
      }
      func.func @g(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  flow.executable private @group_2 {
    flow.executable.export public @c
    flow.executable.export public @e
    builtin.module {
      func.func @c(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
      func.func @e(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  flow.executable private @group_3 {
    flow.executable.export public @d
    flow.executable.export public @f
    builtin.module {
      func.func @d(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
      func.func @f(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        return
      }
    }
  }
  util.initializer {
    %0 = flow.dispatch @group_1::@g() : () -> tensor<4xf32>
    util.return
  }
  util.func public @f() {
    %0 = flow.dispatch @group_0::@a() : () -> tensor<4xf32>
    %1 = flow.dispatch @group_1::@b() : () -> tensor<4xf32>
    %2 = flow.dispatch @group_2::@c() : () -> tensor<4xf32>
    %3 = flow.dispatch @group_3::@d() : () -> tensor<4xf32>
    %4 = flow.dispatch @group_2::@e() : () -> tensor<4xf32>
    %5 = flow.dispatch @group_3::@f() : () -> tensor<4xf32>
    %6 = flow.dispatch @group_0::@a() : () -> tensor<4xf32>
    util.return
  }
}
// case: two functions make two groups, and a global between them stays where it is
// before
module {
  flow.executable private @a_dispatch {
    flow.executable.export public @a
    builtin.module {
      func.func @a(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  util.global private @number = 1 : i32
  flow.executable private @b_dispatch {
    flow.executable.export public @b
    builtin.module {
      func.func @b(%arg0: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4xf32>>) {
        %c0 = arith.constant 0 : index
        return
      }
    }
  }
  util.func public @f() {
    %0 = flow.dispatch @a_dispatch::@a() : () -> tensor<4xf32>
    %1 = flow.dispatch @b_dispatch::@b() : () -> tensor<4xf32>
    util.return
  }
}
// after
// - @a_dispatch
// + @group_0
// - util.global private @number = 1 : i32
// +
// - @b_dispatch
// + @group_1
// - util.func public
// + util.global private @number = 1 : i32
// + util.func public
// case: a program without executables
// unchanged
module {
  util.func public @f() {
    util.return
  }
}
// case: a module with attributes
// unchanged
// as: two functions make two groups, and a global between them stays where it is
// - util.global private @number = 1 : i32
// +
// - flow.executable.export public @b
// - builtin.module {
// + flow.executable.export public @b
// + builtin.module attributes {dlti.known = 1 : i32} {
// case: an executable with attributes
// unchanged
// as: two functions make two groups, and a global between them stays where it is
// - util.global private @number = 1 : i32
// + flow.executable private @b_dispatch attributes {dlti.known = 1 : i32} {
// - flow.executable private @b_dispatch {
// +
// case: a global beside a function
// unchanged
// as: two functions make two groups, and a global between them stays where it is
// - util.global private @number = 1 : i32
// +
// - func.func @b
// + util.global private @number = 1 : i32
// + func.func @b
