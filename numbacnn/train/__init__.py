"""Training: settings, the loop as a generator of records, evaluation, run folders and the verdict. It never prints."""
from numbacnn.insight.errors import class_accuracy, confusion_matrix, most_confused
from numbacnn.nn.traceable import traceable
from numbacnn.train.batches import Normalize
from numbacnn.train.evaluation import evaluate, predict_logits
from numbacnn.train.familiar import Familiar, learn_familiar, load_familiar, look
from numbacnn.train.files import RunError
from numbacnn.train.loop import fit
from numbacnn.train.run_folder import RunFolder, create_run, open_run
from numbacnn.train.settings import Settings
from numbacnn.train.steps import TrainingSteps
from numbacnn.train.verdict import Verdict, judge
from numbacnn.train.warmup import Warmed, warm_up

__all__ = ["Familiar", "Normalize", "RunError", "RunFolder", "Settings", "TrainingSteps", "Verdict", "Warmed", "class_accuracy",
           "confusion_matrix", "create_run", "evaluate", "fit", "judge", "learn_familiar", "load_familiar", "look",
           "most_confused", "open_run", "predict_logits", "traceable", "warm_up"]
