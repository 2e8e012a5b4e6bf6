//! The values that mutants of a function return, by its return type.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// Returns an expression for each mutant. Those that do not compile are removed later.
pub fn of_return(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec!["()".into()],
        ReturnType::Type(_, ty) => of(ty),
    }
}

fn of(ty: &Type) -> Vec<String> {
    let all = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => all(&["()"]),
        Type::Tuple(tuple) => {
            let first = |ty| of(ty).into_iter().next();
            let values: Option<Vec<_>> = tuple.elems.iter().map(first).collect();
            values.map(|values| format!("({})", values.join(", "))).into_iter().collect()
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => all(&["\"\"", "\"xyzzy\""]),
            Type::Slice(_) => all(&["&[]"]),
            _ => Vec::new(),
        },
        Type::Path(path) => of_path(path),
        _ => Vec::new(),
    }
}

fn of_path(path: &syn::TypePath) -> Vec<String> {
    let Some(last) = path.path.segments.last() else { return Vec::new() };
    let inner = match &last.arguments {
        PathArguments::AngleBracketed(inner) => inner.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    };
    let wrapped = |inner: &Type, name: &str| -> Vec<_> {
        of(inner).into_iter().map(|value| format!("{name}({value})")).collect()
    };
    match (last.ident.to_string().as_str(), inner) {
        ("bool", _) => vec!["true".into(), "false".into()],
        ("u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i64" | "i32", _) => vec!["0".into(), "1".into()],
        ("String", _) => vec!["String::new()".into(), "String::from(\"xyzzy\")".into()],
        ("Option", Some(inner)) => {
            let mut values = vec!["None".into()];
            values.extend(wrapped(inner, "Some"));
            values
        }
        ("Result", Some(inner)) => wrapped(inner, "Ok"),
        ("Result", None) => vec!["Ok(())".into()],
        _ => vec!["Default::default()".into()],
    }
}
