"""What to say when a run cannot be written, because the disk is full for example."""
from numbacnn.cli.failure import DataFailure, sentence_of
from numbacnn.cli.output import counted, path_word
from numbacnn.train.checkpoint import saved_progress


def what_is_kept(session, error):
    """The failure that names the file and what of the run is kept; a new run of which nothing is worth keeping is removed.

    Parameters
    ----------
    session : Session
    error : OSError

    Returns
    -------
    DataFailure
    """
    folder, progress = session.folder, saved_progress(session.folder.checkpoint)
    if progress is None or not (session.resume or progress.epochs_done or progress.batches_done):
        if not session.resume:
            folder.discard()
        return DataFailure(f"{sentence_of(error)}; no epoch was finished, so nothing of the run is kept")
    epochs = counted(progress.epochs_done, "epochs")
    return DataFailure(f"{sentence_of(error)}; {folder.path} keeps the run as it was after {epochs}, go on from there with "
                       f"numbacnn train --resume {path_word(folder.path)}")
