"""The base classes of models and the declarations of constraints and indexes."""

from core.orm.model import AbstractModel, BaseModel, Model, TransientModel
from core.orm.states import diagram
from core.orm.tables import Constraint, Index, UniqueIndex

__all__ = ["AbstractModel", "BaseModel", "Constraint", "Index", "Model", "TransientModel", "UniqueIndex", "diagram"]
