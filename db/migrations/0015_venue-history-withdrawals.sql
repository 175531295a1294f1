CREATE TABLE "chain_cuts" (
	"chain" text NOT NULL,
	"market_time" timestamp (3) with time zone NOT NULL,
	"code" text,
	"message" text,
	CONSTRAINT "chain_cuts_chain_market_time_pk" PRIMARY KEY("chain","market_time")
);
--> statement-breakpoint
CREATE TABLE "venue_book_history" (
	"chain" text NOT NULL,
	"venue" text NOT NULL,
	"account" text NOT NULL,
	"market_time" timestamp (3) with time zone NOT NULL,
	"sequence" numeric(78, 0) NOT NULL,
	"cash_wad" numeric(78, 0) NOT NULL,
	"positions" jsonb NOT NULL,
	"block_number" numeric(78, 0) NOT NULL,
	"block_hash" text NOT NULL,
	"block_time" timestamp (3) with time zone NOT NULL,
	"unreadable" text,
	CONSTRAINT "venue_book_history_chain_venue_account_market_time_pk" PRIMARY KEY("chain","venue","account","market_time")
);
--> statement-breakpoint
CREATE TABLE "withdrawal_reservations" (
	"digest" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"account" text NOT NULL,
	"chain" text NOT NULL,
	"consumer" text NOT NULL,
	"asset" text NOT NULL,
	"amount_wad" numeric(78, 0) NOT NULL,
	"sequence" numeric(78, 0) NOT NULL,
	"venue" text,
	"valid_until" timestamp (3) with time zone NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "venue_book_history_market_time" ON "venue_book_history" USING btree ("market_time");--> statement-breakpoint
CREATE INDEX "withdrawal_reservations_by_account" ON "withdrawal_reservations" USING btree ("protocol","account");--> statement-breakpoint
CREATE INDEX "withdrawal_reservations_valid_until" ON "withdrawal_reservations" USING btree ("valid_until");