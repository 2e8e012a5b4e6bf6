//! Finds the places of a source file that can be changed, and the changes.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Pat, Signature, UnOp};

use crate::mutant::{Around, Mutant};
use crate::values;

/// Collects the mutants of one file.
pub struct Finder<'a> {
    pub file: &'a str,
    pub source: &'a str,
    pub mutants: &'a mut Vec<Mutant>,
    pub changes: Vec<Around>,
    /// The functions and `impl` blocks around the current place, outermost first.
    functions: Vec<String>,
}

impl<'a> Finder<'a> {
    pub fn new(file: &'a str, source: &'a str, mutants: &'a mut Vec<Mutant>) -> Self {
        Finder { file, source, mutants, changes: Vec::new(), functions: Vec::new() }
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        &self.source[range]
    }

    fn add(&mut self, line: usize, change: String) -> usize {
        let id = self.mutants.len() + 1;
        let function = self.functions.join("::");
        self.mutants.push(Mutant { id, file: self.file.to_owned(), line, function, change });
        id
    }

    /// Changes an expression to others, of which `MUTANT` selects one.
    fn replace(&mut self, expression: &Expr, others: Vec<(String, String)>, is_value: bool) {
        let line = expression.span().start().line;
        let (mut before, mut ids) = (String::new(), Vec::new());
        for (change, other) in others {
            let id = self.add(line, change);
            before += &format!("if crate::mutant_switch::is_on({id}) {{ {other} }} else ");
            ids.push(id);
        }
        let (open, close) = if is_value { ("(", ")") } else { ("", "") };
        self.changes.push(Around {
            range: expression.span().byte_range(),
            before: format!("{open}{before}{{ {open}"),
            after: format!("{close} }}{close}"),
            ids,
        });
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        if signature.constness.is_some() {
            return;
        }
        self.functions.push(signature.ident.to_string());
        // A `default` that returns `Default::default()` would call itself.
        let is_empty = block.stmts.is_empty();
        if !is_empty && signature.ident != "default" {
            let at = block.span().byte_range().start + 1;
            for value in values::of_return(&signature.output) {
                let id = self.add(signature.span().start().line, format!("returns {value}"));
                let before = format!(" if crate::mutant_switch::is_on({id}) {{ return {value}; }}");
                self.changes.push(Around { range: at..at, before, after: String::new(), ids: vec![id] });
            }
        }
        visit::visit_block(self, block);
        self.functions.pop();
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of_trait = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        // Tests do not check the text of `Debug`.
        if is_test(&item.attrs) || of_trait.is_some_and(|name| name.ident == "Debug") {
            return;
        }
        let ty = self.text(item.self_ty.span().byte_range()).to_owned();
        self.functions.push(of_trait.map_or(ty.clone(), |name| format!("<{ty} as {}>", name.ident)));
        visit::visit_item_impl(self, item);
        self.functions.pop();
    }

    // The compiler evaluates constants and types, in which `is_on` cannot be called.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_expr_repeat(&mut self, _: &'ast syn::ExprRepeat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Binary(binary) if !has_let(expression) => {
                let left = self.text(binary.left.span().byte_range());
                let right = self.text(binary.right.span().byte_range());
                let from = self.text(binary.op.span().byte_range());
                let is_value = !from.ends_with('=') || matches!(from, "==" | "!=" | "<=" | ">=");
                let other = |to: &&str| {
                    let code =
                        if is_value { format!("(({left}) {to} ({right}))") } else { format!("{left} {to} {right}") };
                    (format!("{from} becomes {to}: {}", one_line(left, from, right)), code)
                };
                let others: Vec<_> = others_of(&binary.op).iter().map(other).collect();
                if !others.is_empty() {
                    self.replace(expression, others, is_value);
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) && !has_let(expression) => {
                let inner = self.text(unary.expr.span().byte_range());
                let change = format!("! is removed: {}", one_line("", "!", inner));
                self.replace(expression, vec![(change, format!("({inner})"))], true);
            }
            Expr::Match(matched) => self.arms(matched),
            _ => {}
        }
        visit::visit_expr(self, expression);
    }
}

impl Finder<'_> {
    /// Changes the guards of a `match`, and removes arms if the last one matches everything.
    fn arms(&mut self, matched: &syn::ExprMatch) {
        let has_rest = matched.arms.last().is_some_and(|arm| {
            let is_name = |name: &syn::Ident| name.to_string().starts_with(char::is_lowercase);
            arm.guard.is_none()
                && matches!(&arm.pat, Pat::Wild(_))
                    | matches!(&arm.pat, Pat::Ident(pattern) if pattern.subpat.is_none() && is_name(&pattern.ident))
        });
        for (n, arm) in matched.arms.iter().enumerate() {
            let line = arm.span().start().line;
            let pattern = one_line("", "", self.text(arm.pat.span().byte_range()));
            let is_removable = has_rest && n + 1 < matched.arms.len();
            match &arm.guard {
                Some((_, guard)) if !has_let(guard) => {
                    let text = one_line("", "", self.text(guard.span().byte_range()));
                    let always = self.add(line, format!("guard becomes true: {pattern} if {text}"));
                    let never = self.add(line, format!("guard becomes false: {pattern} if {text}"));
                    let on = "crate::mutant_switch::is_on";
                    self.changes.push(Around {
                        range: guard.span().byte_range(),
                        before: format!("({on}({always}) || !{on}({never}) && ("),
                        after: "))".into(),
                        ids: vec![always, never],
                    });
                }
                None if is_removable => {
                    let id = self.add(line, format!("arm is removed: {pattern}"));
                    let at = arm.pat.span().byte_range().end;
                    let before = format!(" if !crate::mutant_switch::is_on({id})");
                    self.changes.push(Around { range: at..at, before, after: String::new(), ids: vec![id] });
                }
                _ => {}
            }
        }
    }
}

/// Returns the operators that an operator is replaced with.
fn others_of(operator: &BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">"],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<"],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::Mul(_) => &["/"],
        BinOp::Div(_) => &["*"],
        BinOp::Rem(_) => &["/"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::BitAnd(_) => &["|"],
        BinOp::BitOr(_) => &["&"],
        BinOp::BitXor(_) => &["|"],
        BinOp::AddAssign(_) => &["-="],
        BinOp::SubAssign(_) => &["+="],
        BinOp::MulAssign(_) => &["/="],
        BinOp::BitOrAssign(_) => &["&="],
        _ => &[],
    }
}

/// Returns an expression as one line of limited length, for a report.
fn one_line(left: &str, operator: &str, right: &str) -> String {
    let text = format!("{left} {operator} {right}").split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(100).collect()
}

/// Returns whether an expression contains the `let` of a condition, which cannot be in parentheses.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Returns whether an item exists only in tests.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = quote::ToTokens::to_token_stream(&attribute.meta).to_string();
        tokens == "test"
            || tokens.ends_with(":: test")
            || tokens.starts_with("cfg (test")
            || tokens.starts_with("cfg (all (test")
    })
}
