"""Why did it fail? By rules first; a model, where there is one, may add words of advice.

Pure functions of what the journal holds: category, cause, mend and severity of a failure, and which failures are one.
"""

from selfwright.diagnose.cluster import Cluster, clusters, diagnosis_of
from selfwright.diagnose.diagnosis import Diagnosis, advised, diagnose
from selfwright.diagnose.evidence import Evidence, Where, evidence_of
from selfwright.diagnose.normal import normalised

__all__ = [
    "Cluster",
    "Diagnosis",
    "Evidence",
    "Where",
    "advised",
    "clusters",
    "diagnose",
    "diagnosis_of",
    "evidence_of",
    "normalised",
]
