"""What of PyTorch's API stays out, and what to take instead. Nothing is imported here but regular expressions."""

import re

#: pattern for the dotted name without "numbacnn." -> the sentence
REASONS = {re.compile(pattern): reason for pattern, reason in {
    r"(.*\.)?(LSTM|GRU|RNN)(Cell|CellBase|Base)?|(.*\.)?rnn(\..*)?|(.*\.)?(lstm|gru|rnn_tanh|rnn_relu)(_cell)?|"
    r".*(packed|pad|pack|unpad)_.*sequence|.*PackedSequence":
        "recurrent networks stay out; for sequences take Conv1d with dilation, as the model `tcn` does",
    r".*Transformer.*|(.*\.)?MultiheadAttention|.*multi_head_attention.*|.*scaled_dot_product_attention|(.*\.)?attention(\..*)?":
        "attention and transformers stay out; numbacnn is for convolutional networks",
    r"(float16|half|bfloat16|uint16|uint32|uint64|float8.*|Tensor\.(half|bfloat16)|(cuda\.)?(Half|BFloat16)Tensor)":
        "the dtypes are float32, float64, int8, int16, int32, int64, uint8 and bool; take float32",
    r"(.*\.)?(complex.*|c(half|float|double)|chalf|view_as_(complex|real)|polar|conj.*|resolve_conj|imag|real|angle)|Complex.*":
        "complex numbers stay out; numpy computes with them",
    r"(.*\.)?(fft.*|[ir]fft.*|i?stft|hann_window|hamming_window|.*_window|signal(\..*)?)":
        "Fourier transforms stay out; numpy.fft has them",
    r"(.*\.)?(sparse.*|to_sparse.*|.*_sparse_.*|SparseAdam)":
        "sparse Tensors stay out; take Tensors that hold all elements",
    r"(.*\.)?(quantiz.*|quint8|qint.*|ao(\..*)?|q_.*|dequantize)|Q(Int|UInt).*":
        "quantized numbers stay out; take float32",
    r"(.*\.)?(distributed.*|DistributedDataParallel|parallel(\..*)?|data_parallel|DistributedSampler|"
    r"multiprocessing.*|futures.*|SyncBatchNorm)":
        "training on several processes or machines stays out; one process uses all cores, so call the model itself",
    r"(.*\.)?(jit.*|ScriptModule|onnx.*|fx.*|export.*|_dynamo.*|_inductor.*|package|overrides|library|func|vmap|functorch|"
    r"cpp_extension.*|ops|classes)":
        "compiling, exporting and rewriting programs stays out; the loops are compiled already, and "
        "save(model.state_dict(), file) keeps the weights",
    r"(.*\.)?(hub.*|model_zoo.*|load_state_dict_from_url|load_url)":
        "weights are not downloaded; load(file) reads weights that you have",
    r"(.*\.)?(tensorboard.*|SummaryWriter)":
        "TensorBoard stays out; `numbacnn train` keeps history.csv and draws its curves, matplotlib draws your own",
    r"profiler|(.*\.)?(profiler\..*|emit_nvtx|bottleneck.*|benchmark\..*|Timer)|utils\.(bottleneck|benchmark)":
        "of profiling there is autograd.profiler.profile; time.perf_counter measures a step, `numbacnn benchmark` the loops",
    r"(.*\.)?(distributions(\..*)?)":
        "distributions stay out; normal, bernoulli, multinomial, poisson and numbacnn.rand draw numbers",
    r"(.*\.)?checkpoint(_sequential)?|(.*\.)?checkpoint\..*":
        "recomputing instead of keeping stays out; take smaller batches if memory is short",
    r"special(\..*)?|Tensor\.(digamma|lgamma|polygamma|erfinv|i0|mvlgamma)|digamma|lgamma|polygamma|erfinv|i0|i0_|igammac?|mvlgamma":
        "special functions stay out, beside erf, erfc, sinc, xlogy and logit; scipy.special has them",
    r"linalg\.(eig.*|qr|lstsq|pinv|lu.*|cholesky.*|ldl.*|matrix_rank|cond|householder.*|tensor.*|solve_.*|inv_ex|"
    r"matrix_exp|vander)|(Tensor\.)?(eig|eigh|symeig|qr|lstsq|pinverse|lu|cholesky.*|matrix_exp|"
    r"matrix_rank|triangular_solve|ormqr|geqrf|lobpcg|.*_lowrank)":
        "of linear algebra there are the products, norms, and linalg.inv, det, slogdet, solve, svd, svdvals and matrix_power; numpy.linalg has the rest: x.numpy()",
    r"optim\.(Adafactor|Muon)":
        "this optimizer stays out; take Adam, AdamW, RMSprop or SGD with momentum",
    r"optim\.swa_utils.*": "averaged weights stay out; keep the best epoch instead, as `numbacnn train` does",
    r"(cuda\.)?(Event|Stream|stream|CUDAGraph|graph|nvtx)|cuda\.(.*Tensor|nvtx.*|comm.*|jiterator.*|memory.*)|mtia.*|cpu":
        "there is no engine for a GPU; leave it out, or ask cuda.is_available() first, which is False",
    r"(.*\.)?(ctc_loss|CTCLoss)": "the loss of sequences without alignment stays out; take cross_entropy for each step",
    r"(.*\.)?named_tensor.*|Tensor\.(names|rename.*|align_.*|refine_names)": "named dimensions stay out; count them",
}.items()}


def reason_for(dotted):
    """Why `dotted`, such as "numbacnn.nn.LSTM", stays out, or None if it is simply not there."""
    name = dotted.removeprefix("numbacnn.")
    return next((reason for pattern, reason in REASONS.items() if pattern.fullmatch(name)), None)
