"""The columnar engine's queries on PySpark. Rows are read and checked here and handed to it, part by part."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import SparkSession

from guidecheck.batch.engines import ColumnarEngine
from guidecheck.engine.columnar import CASES, ColumnarProgram
from guidecheck.library.models import Library


class SparkEngine(ColumnarEngine):
    """Runs the same expression as the engine it extends, in Spark's dialect."""

    def __init__(self, library: Library, master: str = "local[2]") -> None:
        super().__init__(library)
        self._session = (
            SparkSession.builder.master(master)
            .appName("guidecheck")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            # A query of many levels is compiled for longer than it runs; what is too long is interpreted.
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .getOrCreate()
        )

    def run(self, program: ColumnarProgram, cases: pa.Table) -> pa.Table:
        """Return a program's answer."""
        self._session.createDataFrame(cases).createOrReplaceTempView(CASES)
        return self._session.sql(program.sql("pyspark")).toArrow()
