"""`loft import`: a municipality's file becomes events, through the same engine as everything."""

from collections.abc import Iterator

from api.import_clerk import Clerk, Step
from api.import_matters import MatterImport
from api.import_plan import PlanImport
from api.import_structure import StructureImport
from api.imported import MunicipalityFile
from ledger.engine import Engine


class Importer:
    """Brings a ledger to where *file* says it is. What is there already is left alone."""

    def __init__(self, engine: Engine, file: MunicipalityFile, secret: bytes) -> None:
        self._clerk = Clerk(engine, file, secret)

    @property
    def is_done(self) -> bool:
        """Whether an earlier import of this file came to its end: matters come last."""
        return MatterImport(self._clerk).are_in()

    def steps(self) -> Iterator[Step]:
        """What there is to do, in order. Each step appends one event, or none."""
        for part in (StructureImport, PlanImport, MatterImport):
            yield from part(self._clerk).steps()
