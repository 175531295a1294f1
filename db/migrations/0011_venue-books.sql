CREATE TABLE "venue_books" (
	"chain" text NOT NULL,
	"venue" text NOT NULL,
	"account" text NOT NULL,
	"sequence" numeric(78, 0) NOT NULL,
	"cash_wad" numeric(78, 0) NOT NULL,
	"positions" jsonb NOT NULL,
	"block_number" numeric(78, 0) NOT NULL,
	"block_hash" text NOT NULL,
	"block_time" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "venue_books_chain_venue_account_pk" PRIMARY KEY("chain","venue","account")
);
