"""Everything that can go wrong, as one tree.

::

    YoujuError
    ├── SettingsError          a setting that cannot be used
    ├── FolderError            the folder of documents is missing, empty or another one
    ├── IndexFolderError       the index folder cannot be used
    │   ├── IndexNotFoundError     nothing has been synced there yet
    │   ├── IndexBusyError         another process is writing it
    │   └── EncoderMismatchError   it was made with another encoder
    ├── EncoderError           the encoder cannot be loaded
    ├── ReadError              one file cannot become a document (it is skipped, with this reason)
    │   └── UnopenedError          its bytes could not be had just now; an older version of it stays in the index
    ├── QuestionError          a question that cannot be asked (empty, too long)
    └── EvaluationError        questions or results of `youju eval` that cannot be used (`qa/evaluation/types.py`)

Each message names the file or folder and the next step. Only the doors (``ui``) turn errors into words on a screen.
"""

from __future__ import annotations


class YoujuError(Exception):
    """Any error that Youju raises on purpose; the message is meant for the person at the door."""


class SettingsError(YoujuError):
    """A setting has a value that cannot be used."""


class FolderError(YoujuError):
    """The folder of documents is missing, empty, or not the one this index was made from."""


class IndexFolderError(YoujuError):
    """The index folder cannot be used."""


class IndexNotFoundError(IndexFolderError):
    """There is no index at this place."""


class IndexBusyError(IndexFolderError):
    """Another process is writing this index."""


class EncoderMismatchError(IndexFolderError):
    """The index was made with another encoder than the one asked for."""


class EncoderError(YoujuError):
    """The encoder cannot be loaded or prepared."""


class ReadError(YoujuError):
    """One file cannot become a document; the message is the reason shown for it."""


class UnopenedError(ReadError):
    """A file could not be opened, which says nothing of what it holds: a drive is away, or another program has it locked."""


class QuestionError(YoujuError):
    """A question that cannot be asked."""
