"""Names of the functions that are Tensor methods: `numbacnn.exp(x)` is `x.exp()`. Nothing is imported here."""

#: function -> the method, where its name differs
OTHERWISE = {"true_divide": "div", "multiply": "mul", "subtract": "sub", "divide": "div", "not_equal": "ne", "greater": "gt",
             "greater_equal": "ge", "less": "lt", "less_equal": "le"}

METHODS = tuple("""
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all allclose amax amin aminmax any arccos arccosh
    arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere asin asinh atan atan2 atanh baddbmm bincount
    bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm broadcast_to ceil chunk clamp
    clamp_max clamp_min clip clone copysign corrcoef cos cosh count_nonzero cov cross cummax cummin cumprod cumsum deg2rad
    det detach diag diag_embed diagflat diagonal diff dist div divide dot eq equal erf erfc exp exp2 expm1 fix flatten flip
    fliplr flipud float_power floor floor_divide fmax fmin fmod frac gather gcd ge ger greater greater_equal gt histc hypot
    index_add index_copy index_fill index_select inner inverse is_complex is_floating_point is_nonzero is_signed isclose
    isfinite isinf isnan isneginf isposinf isreal kron kthvalue lcm ldexp le lerp less less_equal log log10 log1p log2
    log_softmax logaddexp logdet logical_and logical_not logical_or logical_xor logit logsumexp lt masked_fill
    masked_scatter masked_select matmul matrix_power max maximum mean median min minimum mm mode moveaxis movedim msort mul
    multiply mv nan_to_num nanmean nanmedian nansum narrow ne neg negative nonzero norm not_equal numel outer permute
    positive pow prod quantile rad2deg ravel reciprocal relu remainder repeat_interleave reshape roll rot90 round rsqrt
    rsub scatter scatter_add scatter_reduce select sgn sigmoid sign signbit sin sinc sinh slogdet softmax sort split
    split_with_sizes sqrt square squeeze std std_mean sub subtract sum svd swapaxes swapdims t take take_along_dim tan tanh
    tensor_split tile topk trace transpose tril triu true_divide trunc unbind unflatten unique unsqueeze var var_mean vdot
    xlogy
    abs_ acos_ acosh_ addmv_ arccos_ arcsin_ arctan_ asin_ asinh_ atan_ atanh_ ceil_ clamp_ clamp_max_ clamp_min_ clip_ cos_ cosh_
    detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_
    reciprocal_ relu_ round_ rsqrt_ sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ zero_
""".split())

JOINING = tuple("""
    atleast_1d atleast_2d atleast_3d broadcast_shapes broadcast_tensors bucketize cartesian_prod column_stack combinations
    dstack hstack isin meshgrid row_stack searchsorted trapezoid tril_indices triu_indices unique_consecutive vstack
""".split())
