//! An object's SQLite outside the platform: rusqlite behind `hotline`'s trait `Store`, with the platform's manners.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use hotline::storage::{Param, Row, Store, StoreError, Stored, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, StatementStatus, params_from_iter};

/// What all stores of one world share: what was carried out, and which statement is to fail.
#[derive(Debug, Default)]
pub struct Switch {
    carried_out: Cell<u64>,
    rows_returned: Cell<u64>,
    sqlite_steps: Cell<u64>,
    fails: Cell<Option<u64>>,
    fails_all: Cell<bool>,
}

impl Switch {
    /// Makes the `n`-th statement from now on fail (1 is the next one), once.
    pub fn fail_after(&self, n: u64) {
        self.fails.set(Some(self.carried_out.get() + n));
    }

    /// Makes every statement fail until it is mended.
    pub fn fail_all(&self) {
        self.fails_all.set(true);
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        self.fails_all.set(false);
        self.fails.set(None);
    }

    /// Statements so far, in all stores.
    pub fn statements(&self) -> u64 {
        self.carried_out.get()
    }

    /// Rows that the rules were handed, by all stores.
    pub fn rows_returned(&self) -> u64 {
        self.rows_returned.get()
    }

    /// Operations of SQLite's virtual machine, in all stores (`SQLITE_STMTSTATUS_VM_STEP`): they grow with each row that is
    /// looked at, also with those that no statement returns.
    pub fn sqlite_steps(&self) -> u64 {
        self.sqlite_steps.get()
    }

    fn done(&self, rows: usize, steps: i32) {
        self.rows_returned.set(self.rows_returned.get() + rows as u64);
        self.sqlite_steps.set(self.sqlite_steps.get() + u64::from(steps.unsigned_abs()));
    }

    fn next(&self) -> Stored<()> {
        let number = self.carried_out.get() + 1;
        self.carried_out.set(number);
        if self.fails_all.get() {
            return Err(spoilt());
        }
        if self.fails.get() != Some(number) {
            return Ok(());
        }
        self.fails.set(None);
        Err(spoilt())
    }
}

/// A database of its own for one object.
pub struct SqliteStore {
    connection: OnceCell<Connection>,
    /// What an object that rests has in place of a connection.
    image: Vec<u8>,
    switch: Rc<Switch>,
    rows_written: Cell<u64>,
    /// Rows that one new row of a table costs: itself and its indexes.
    prices: RefCell<HashMap<String, Price>>,
    /// Statements whose plans were looked at.
    judged: RefCell<HashSet<String>>,
}

/// What a new row costs.
#[derive(Clone)]
struct Price {
    /// For itself and its whole indexes.
    always: u64,
    /// Conditions of partial indexes: one more for each that it meets.
    partial: Vec<String>,
}

/// What a statement that a test makes fail comes to.
fn spoilt() -> StoreError {
    StoreError::Transaction("a test made it fail".to_owned())
}

fn failed(error: &rusqlite::Error, sql: &str) -> StoreError {
    eprintln!("{error} in {sql}");
    StoreError::Statement { statement: sql.to_owned(), message: error.to_string() }
}

impl SqliteStore {
    /// A database that ends with its object.
    pub fn in_memory(switch: &Rc<Switch>) -> Stored<Self> {
        Self::of(Connection::open_in_memory().map_err(|error| failed(&error, "open"))?, switch)
    }

    /// A database that outlives its process.
    pub fn on_file(path: &Path, switch: &Rc<Switch>) -> Stored<Self> {
        Self::of(Connection::open(path).map_err(|error| failed(&error, "open"))?, switch)
    }

    fn of(connection: Connection, switch: &Rc<Switch>) -> Stored<Self> {
        // As many as an object's rules have statements, so that each is prepared once.
        connection.set_prepared_statement_cache_capacity(128);
        connection.execute_batch("PRAGMA foreign_keys = ON").map_err(|error| failed(&error, "PRAGMA"))?;
        let (rows_written, prices, judged) = (Cell::default(), RefCell::default(), RefCell::default());
        let connection = OnceCell::from(connection);
        Ok(Self { connection, image: Vec::new(), switch: Rc::clone(switch), rows_written, prices, judged })
    }

    /// A database like one that rests.
    pub fn of_image(image: Vec<u8>, switch: &Rc<Switch>) -> Self {
        let (rows_written, prices, judged) = (Cell::default(), RefCell::default(), RefCell::default());
        let connection = OnceCell::new();
        Self { connection, image, switch: Rc::clone(switch), rows_written, prices, judged }
    }

    /// What it has in place of a connection while it rests.
    pub fn image(&self) -> &[u8] {
        &self.image
    }

    /// A database whose pages are as small as SQLite has them, for worlds of many objects.
    pub fn small(switch: &Rc<Switch>) -> Stored<Self> {
        let connection = Connection::open_in_memory().map_err(|error| failed(&error, "open"))?;
        connection.execute_batch("PRAGMA page_size = 512").map_err(|error| failed(&error, "PRAGMA"))?;
        Self::of(connection, switch)
    }

    fn connection(&self) -> &Connection {
        self.connection.get_or_init(|| {
            let opened = Connection::open_in_memory().and_then(|mut connection| {
                connection.deserialize_read_exact("main", &self.image[..], self.image.len(), false)?;
                connection.set_prepared_statement_cache_capacity(128);
                connection.execute_batch("PRAGMA foreign_keys = ON")?;
                Ok(connection)
            });
            opened.expect("an image is a database")
        })
    }

    /// Lets go of the connection and of what it has in memory, which is a hundred times the rows. The next statement opens
    /// another one.
    ///
    /// # Panics
    /// In a transaction.
    pub fn rest(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        assert!(connection.is_autocommit(), "an object rests between its steps");
        self.image = connection.serialize("main").expect("a database in memory can be written").to_vec();
        (self.prices, self.judged) = (RefCell::default(), RefCell::default());
    }

    /// Rows written so far, as the platform bills them (Cloudflare, SQLite-backed Durable Objects, pricing): a new row
    /// counts once for itself and once for each of its indexes.
    pub fn rows_written(&self) -> u64 {
        self.rows_written.get()
    }

    /// How many jobs are still to do.
    pub fn jobs(&self) -> Vec<String> {
        let sql = "SELECT lane || ': ' || work || COALESCE(' ' || state, '') FROM queue";
        let read = |row: &rusqlite::Row| row.get::<_, String>(0);
        let jobs = self.connection().prepare(sql).and_then(|mut jobs| jobs.query_map([], read)?.collect());
        jobs.unwrap_or_default()
    }

    /// The lane of a job that is still to do, and when it was made: numbers of jobs come again.
    pub fn job(&self, id: i64) -> Option<(String, i64)> {
        let sql = "SELECT lane, since FROM queue WHERE id = ?";
        self.connection().query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))).ok()
    }

    /// The first column of the first row, when it is text.
    pub fn word(&self, sql: &str) -> Option<String> {
        let rows = self.execute(sql, &[]).ok()?;
        rows.first().and_then(|row| row.maybe_text(0))
    }

    /// How often a hotline's object counted something.
    pub fn counted(&self, what: &str) -> i64 {
        let count = self.connection().query_row("SELECT count FROM counts WHERE what = ?", [what], |row| row.get(0));
        count.unwrap_or(0)
    }

    /// What another release has done to the tables.
    ///
    /// # Panics
    /// When these are no statements.
    pub fn alter(&self, statements: &str) {
        self.connection().execute_batch(statements).unwrap();
    }

    /// The first column of what a query finds, in a test's own words.
    ///
    /// # Panics
    /// When it is no query for texts.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let mut query = self.connection().prepare(sql).unwrap();
        query.query_map([], |row| row.get(0)).and_then(Iterator::collect).unwrap()
    }

    /// Writes every text of a column as another release would; those for which that is `None` stay. Rows are known by
    /// their `key`.
    ///
    /// # Panics
    /// When the table may not hold that.
    pub fn rewrite(&self, [table, key, column]: [&str; 3], mut write: impl FnMut(&str) -> Option<String>) {
        let sql = format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL");
        let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
        let rows = self.connection().prepare(&sql).and_then(|mut all| all.query_map([], read)?.collect());
        let rows: Vec<(rusqlite::types::Value, String)> = rows.unwrap();
        let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1");
        for (key, written) in rows.into_iter().filter_map(|(key, text)| Some((key, write(&text)?))) {
            self.connection().execute(&sql, rusqlite::params![key, written]).unwrap();
        }
    }

    /// The columns that hold texts, with their tables.
    fn text_columns(&self) -> Vec<(String, String)> {
        let columns = "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
                       WHERE m.type = 'table' AND c.type = 'TEXT'";
        let read = |row: &rusqlite::Row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let columns = self.connection().prepare(columns).and_then(|mut all| all.query_map([], read)?.collect());
        columns.unwrap_or_default()
    }

    /// Whether a text column of any row has these words in it.
    pub fn holds(&self, words: &str) -> bool {
        self.text_columns().iter().any(|(table, column)| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE instr({column}, ?)");
            self.connection().query_row(&sql, [words], |row| row.get::<_, i64>(0)).is_ok_and(|count| count > 0)
        })
    }

    /// Every text in every row.
    pub fn all_texts(&self) -> Vec<String> {
        let all = |(table, column): &(String, String)| {
            self.texts(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))
        };
        self.text_columns().iter().flat_map(all).collect()
    }

    fn count(&self, sql: &str) -> Stored<()> {
        let mut words = sql.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let price = match verb {
            "INSERT" => self.price_of_new(words.skip_while(|word| *word != "INTO").nth(1).unwrap_or_default())?,
            "UPDATE" | "DELETE" => 1,
            _ => return Ok(()),
        };
        self.rows_written.set(self.rows_written.get() + self.connection().changes() * price);
        Ok(())
    }

    /// What the last new row of a table has cost: a partial index costs where it holds the row.
    fn price_of_new(&self, table: &str) -> Stored<u64> {
        let table = table.split('(').next().unwrap_or_default();
        let known = self.prices.borrow().get(table).cloned();
        let price = match known {
            Some(price) => price,
            None => self.price(table)?,
        };
        self.prices.borrow_mut().insert(table.to_owned(), price.clone());
        let holds = |condition: &String| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE rowid = last_insert_rowid() AND {condition}");
            let held = self.connection().prepare_cached(&sql).and_then(|mut held| held.query_row([], |row| row.get(0)));
            held.map_err(|error| failed(&error, &sql))
        };
        price.partial.iter().map(holds).try_fold(price.always, |sum, held: Stored<u64>| Ok(sum + held?))
    }

    fn price(&self, table: &str) -> Stored<Price> {
        // Where rows have no number, the last new one is not found again: each partial index counts.
        let sql = "SELECT wr, (SELECT COUNT(*) FROM pragma_index_list(?1) WHERE wr OR NOT partial) + NOT wr \
                   FROM pragma_table_list(?1)";
        let read = |row: &rusqlite::Row| Ok((row.get::<_, bool>(0)?, row.get(1)?));
        let (without_rowid, always) =
            self.connection().query_row(sql, [table], read).map_err(|error| failed(&error, sql))?;
        if without_rowid {
            return Ok(Price { always, partial: Vec::new() });
        }
        let sql = "SELECT sql FROM sqlite_schema WHERE name IN (SELECT name FROM pragma_index_list(?1) WHERE partial)";
        let read = |row: &rusqlite::Row| row.get::<_, String>(0);
        let indexes = self.connection().prepare(sql).and_then(|mut all| all.query_map([table], read)?.collect());
        let indexes: Vec<String> = indexes.map_err(|error| failed(&error, sql))?;
        let condition = |sql: &String| sql.split_once(" WHERE ").map(|(_, condition)| condition.to_owned());
        Ok(Price { always, partial: indexes.iter().filter_map(condition).collect() })
    }
}

/// The platform binds every number as REAL.
fn bound<'a>(param: &Param<'a>) -> ToSqlOutput<'a> {
    ToSqlOutput::Borrowed(match *param {
        Param::Null => ValueRef::Null,
        #[expect(clippy::cast_precision_loss, reason = "the platform does the same")]
        Param::Integer(number) => ValueRef::Real(number as f64),
        Param::Text(text) => ValueRef::Text(text.as_bytes()),
    })
}

/// The platform hands every number back as a double; a whole one is a whole number to the rules.
fn read(value: ValueRef) -> Value {
    match value {
        ValueRef::Integer(number) => Value::Integer(number),
        #[expect(clippy::cast_possible_truncation, reason = "the platform does the same")]
        ValueRef::Real(number) if number.fract() == 0.0 => Value::Integer(number as i64),
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

impl Store for SqliteStore {
    fn execute(&self, sql: &str, params: &[Param]) -> Stored<Vec<Row>> {
        self.switch.next()?;
        // Of many objects with the same tables one that does not rest is the judge.
        if self.image.is_empty() && !self.judged.borrow().contains(sql) {
            crate::plans::judge(self.connection(), sql);
            self.judged.borrow_mut().insert(sql.to_owned());
        }
        let mut statement = self.connection().prepare_cached(sql).map_err(|error| failed(&error, sql))?;
        let columns = statement.column_count();
        let mut rows =
            statement.query(params_from_iter(params.iter().map(bound))).map_err(|error| failed(&error, sql))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(|error| failed(&error, sql))? {
            answer.push(Row((0..columns).map(|at| row.get_ref(at).map_or(Value::Null, read)).collect()));
        }
        drop(rows);
        self.switch.done(answer.len(), statement.reset_status(StatementStatus::VmStep));
        drop(statement);
        self.count(sql)?;
        Ok(answer)
    }

    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        self.connection().execute_batch("BEGIN").map_err(|error| failed(&error, "BEGIN"))?;
        let done = step();
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.connection().execute_batch(end).map_err(|error| failed(&error, end))?;
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Value {
        Value::Text(words.to_owned())
    }

    fn shop() -> (SqliteStore, Rc<Switch>) {
        let switch = Rc::new(Switch::default());
        let store = SqliteStore::in_memory(&switch).unwrap();
        store.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT", &[]).unwrap();
        store.execute("CREATE TABLE named (id TEXT PRIMARY KEY, n INTEGER NOT NULL UNIQUE) STRICT", &[]).unwrap();
        store.execute("CREATE TABLE lean (id TEXT PRIMARY KEY, n INTEGER) STRICT, WITHOUT ROWID", &[]).unwrap();
        (store, switch)
    }

    #[test]
    fn rows_are_counted_as_they_are_billed() {
        let (store, _) = shop();
        for (sql, rows) in [
            ("INSERT INTO plain (n) VALUES (1)", 1),
            ("INSERT INTO named (id, n) VALUES ('a', 1)", 3),
            ("INSERT INTO lean (id, n) VALUES ('a', 1)", 1),
            ("INSERT OR IGNORE INTO lean (id, n) VALUES ('a', 1)", 0),
            ("UPDATE plain SET n = 2", 1),
            ("UPDATE plain SET n = 3 WHERE n = 1", 0),
            ("SELECT n FROM plain", 0),
            ("DELETE FROM lean", 1),
        ] {
            let before = store.rows_written();
            store.execute(sql, &[]).unwrap();
            assert_eq!(store.rows_written() - before, rows, "{sql}");
        }
    }

    #[test]
    fn numbers_are_bound_and_read_as_on_the_platform() {
        let (store, _) = shop();
        let answer = store.execute("SELECT typeof(?), 7 / ?", &[1.into(), 2.into()]).unwrap();
        assert_eq!(answer, [Row(vec![text("real"), text("3.5")])]);
        store.execute("INSERT INTO plain (n) VALUES (?)", &[1_795_176_000_000.into()]).unwrap();
        assert_eq!(store.execute("SELECT n FROM plain", &[]).unwrap(), [Row(vec![Value::Integer(1_795_176_000_000)])]);
        let id = store.execute("INSERT INTO named (id, n) VALUES (?, 1) RETURNING id", &[42.into()]).unwrap();
        assert_eq!(id, [Row(vec![text("42.0")])], "why ids are text");
    }

    #[test]
    fn a_step_is_whole_or_not_at_all() {
        let (store, switch) = shop();
        let mut step = || {
            store.execute("INSERT INTO plain (n) VALUES (1)", &[])?;
            store.execute("INSERT INTO plain (n) VALUES (2)", &[]).map(drop)
        };
        switch.fail_after(2);
        assert!(store.transaction(&mut step).is_err());
        assert_eq!(store.execute("SELECT n FROM plain", &[]).unwrap(), []);
        assert_eq!(store.transaction(&mut step), Ok(()));
        assert_eq!(store.execute("SELECT n FROM plain", &[]).unwrap().len(), 2);
    }
}
