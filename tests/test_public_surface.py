import convirza_mcp
import convirza_mcp.errors


def test_what_is_public_is_there_and_stands_in_order() -> None:
    assert convirza_mcp.__all__ == sorted(convirza_mcp.__all__)
    assert all(hasattr(convirza_mcp, name) for name in convirza_mcp.__all__)


def test_every_error_is_drawn_in_the_tree_and_exported() -> None:
    classes = {
        name: value
        for name, value in vars(convirza_mcp.errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }

    assert convirza_mcp.errors.__all__ == sorted(classes)
    for name, value in classes.items():
        assert issubclass(value, convirza_mcp.ConvirzaError)
        assert f" {name} " in (convirza_mcp.errors.__doc__ or "")
